import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import { PRESENCE_LEASE_MS, PRESENCE_RENEW_MS } from "../../shared/limits.ts";
import type { PresenceLease } from "../../shared/presence.ts";
import { defineSignal } from "../../shared/signal.ts";
import { SIGNALS } from "../../shared/signals.ts";
import type { Role } from "../../shared/user.ts";
import { Alarm } from "../alarm.ts";
import type { Change, Feed, Notice } from "../changes.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import type { Database } from "../kv/database.ts";
import type { CacheStats } from "../kv/read_cache.ts";
import type { Log } from "../log.ts";
import type { Connection } from "../net/connection.ts";
import { isRoomNotice } from "../rooms/room_stream.ts";
import type { Hub } from "../streams/hub.ts";
import type { Signals, SignalView } from "../streams/signals.ts";
import { GuestAudiences, guestTopic } from "./guest_audiences.ts";
import type { Neighbours } from "./guest_audiences.ts";
import { PresenceLeases } from "./presence_leases.ts";
import { PresenceAudience } from "./presence_audience.ts";
import { PresenceBroadcaster } from "./presence_broadcaster.ts";
import { StatusTextStore } from "./status_text_store.ts";
import type { StatusTextChange } from "./status_text_store.ts";

/** Topic of everybody's presence, for all but guests. */
const EVERYBODY_TOPIC = "presence";
/** Looking for dead leases walks over all of them: not more often than this. */
const EXPIRE_INTERVAL_MS = 1_000;
/** A visible tab without a socket says that it is there each 10 s; silent for longer than this, it is gone. */
const HTTP_STEP_DOWN_MS = 1.2 * PRESENCE_RENEW_MS;

/** A lease on its way: how long it lives from now on, since the clocks of instances may differ by hours. */
export interface HeldLease extends Omit<PresenceLease, "until"> {
  /** 0 gives it up. */
  readonly forMs: number;
}

/** What instances tell each other: the leases of their devices. Each makes of them what its own people may see. */
export const LEASES = defineSignal<{ readonly leases: readonly HeldLease[] }>({
  kind: "presence",
  audience: "instances",
});
/** Asks all others for the leases that they hold, which a fresh instance would learn only as they are renewed. */
const LEASES_WANTED = defineSignal<Record<never, never>>({ kind: "presence_wanted", audience: "instances" });

/** What presence works with. */
export interface PresenceStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly hub: Hub;
  readonly signals: Signals;
  readonly log: Log;
  readonly now: () => number;
  /** Reads the role of an account; null when there is none or it is deactivated. */
  readonly roleOf: (userId: UserId) => Promise<Role | null>;
  /** Reads who shares a room with a person, the person included. */
  readonly neighboursOf: (userId: UserId) => Promise<Neighbours>;
}

/** Who says that it is there. */
export interface PresenceSource {
  readonly userId: UserId;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  /** What tells the devices of a person apart where there is no connection. */
  readonly key: string;
}

interface OwnLease {
  readonly connection: Connection;
  readonly lease: HeldLease;
}

/**
 * Who is there. A device holds a lease of 30 s that this process renews while its WebSocket lives; over HTTP the
 * device itself comes again. The best live lease of a person wins.
 *
 * Guarantees: a snapshot and the diffs after it give what a later snapshot gives; a reader that went without a diff
 * gets a new snapshot. Leases are not stored: after a crash of a client or of a server, what it held dies within
 * 30 s. Texts and do-not-disturb are stored.
 */
export class PresenceStore {
  readonly #options: PresenceStoreOptions;
  readonly #texts: StatusTextStore;
  readonly #leases = new PresenceLeases();
  readonly #own = new Map<string, OwnLease>();
  readonly #broadcaster: PresenceBroadcaster;
  readonly #everybody: PresenceAudience;
  readonly #guests: GuestAudiences;
  readonly #alarm: Alarm;
  readonly #stops: (() => void)[];
  #renewAt = Infinity;
  #expireAt = Infinity;
  /** What the clock showed when it was last looked at. */
  #seenAt = -Infinity;

  /** Reads the texts that people have left and begins to listen. */
  static async open(options: PresenceStoreOptions): Promise<PresenceStore> {
    const store = new PresenceStore(options);
    for (const [userId, statusText] of await store.#texts.all()) {
      if (await options.roleOf(userId) !== null) store.#broadcaster.setText(userId, statusText);
    }
    // Nobody reads yet: the first snapshot holds them all.
    store.#broadcaster.flush(options.now(), { isForced: true });
    store.#arm();
    return store;
  }

  private constructor(options: PresenceStoreOptions) {
    const { db, feed, hub, signals, log, now, neighboursOf } = options;
    this.#options = options;
    this.#texts = new StatusTextStore({ db, feed, now });
    this.#broadcaster = new PresenceBroadcaster(this.#leases, () => this.#now());
    const shown = this.#broadcaster.states;
    this.#everybody = new PresenceAudience({ hub, topic: EVERYBODY_TOPIC, shown, visible: null });
    this.#guests = new GuestAudiences({ hub, log, shown, neighboursOf });
    this.#alarm = new Alarm(now, () => this.#ring());
    signals.setView(SIGNALS.presence, ({ userId }) => this.#openView(userId));
    this.#stops = [
      feed.subscribe("view", (notice) => this.#hear(notice)),
      signals.on(LEASES, ({ leases }) => this.#applyLeases(leases)),
      signals.on(LEASES_WANTED, () => this.#renew(this.#now())),
    ];
  }

  /** Says that a device is there, for as long as its connection lives, or 30 s where there is none. */
  hold(source: PresenceSource, status: "online" | "away"): void {
    const { userId, connection, key } = source;
    if (connection === null) return this.#holdOverHttp(userId, key, status);
    if (!connection.isOpen) return;
    const lease = leaseOf(connection.id, userId, status);
    if (!this.#own.has(connection.id)) connection.onClose(() => this.#giveUp(connection.id));
    this.#own.set(connection.id, { connection, lease });
    this.#options.signals.send(LEASES, null, { leases: [lease] });
  }

  /** Changes what a person says of itself; kept in storage, and not begun once `signal` has aborted. */
  async setText(userId: UserId, change: StatusTextChange, signal?: AbortSignal): Promise<void> {
    const until = change.textUntil ?? null;
    if (until !== null && Date.parse(until) <= this.#now()) {
      throw invalidInput("textUntil", "Must be a time in the future");
    }
    await this.#texts.change(userId, change, signal);
  }

  /** Asks other instances whom they know to be there, once this one hears them. */
  askOthers(): void {
    this.#options.signals.send(LEASES_WANTED, null, {});
  }

  /** How what is known of guests does. */
  get cache(): CacheStats {
    return this.#guests.cache;
  }

  /** Stops timers and listening. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#alarm.stop();
  }

  /** Tabs of one session look alike here: a hidden one must not make a visible one that renews look away. */
  #holdOverHttp(userId: UserId, key: string, status: "online" | "away"): void {
    const leases = [leaseOf(`${key} ${status}`, userId, status)];
    const online = status === "away" ? this.#leases.find(userId, `${key} online`) : null;
    if (online !== null && online.until > this.#now() + HTTP_STEP_DOWN_MS) {
      leases.push({ ...leaseOf(online.connectionId, userId, online.status), forMs: HTTP_STEP_DOWN_MS });
    }
    this.#options.signals.send(LEASES, null, { leases });
  }

  /** If the clock steps back, moves all deadlines back too. */
  #now(): number {
    const now = this.#options.now();
    const backMs = this.#seenAt - now;
    this.#seenAt = now;
    if (backMs <= 0) return now;
    this.#renewAt -= backMs;
    this.#expireAt -= backMs;
    this.#leases.setBack(backMs);
    this.#broadcaster.setBack(backMs);
    return now;
  }

  #giveUp(connectionId: string): void {
    const own = this.#own.get(connectionId);
    this.#own.delete(connectionId);
    if (own) this.#options.signals.send(LEASES, null, { leases: [{ ...own.lease, forMs: 0 }] });
  }

  #hear(notice: Notice): void {
    if (notice.type === "changed") return this.#apply(notice.change);
    if (!isRoomNotice(notice)) return;
    for (const event of notice.events) {
      const isComingOrGoing = event.type === "member_joined" || event.type === "member_left";
      if (isComingOrGoing) this.#guests.handleMembership(notice.streamId, event.userId);
    }
  }

  #apply(change: Change): void {
    if (change.type === "status_text_changed") this.#broadcaster.setText(change.userId, change.statusText);
    else if (change.type === "session_ended" && change.reason === "deactivated") this.#drop(change.userId);
    else if (change.type === "user_changed") this.#restartReaders(change.userId);
    this.#arm();
  }

  #applyLeases(leases: readonly HeldLease[]): void {
    const now = this.#now();
    for (const { forMs, ...held } of leases) {
      const lease = { ...held, until: now + forMs };
      this.#leases.apply(lease, now);
      this.#broadcaster.touch(lease.userId);
      if (lease.until > now) this.#expireAt = Math.min(this.#expireAt, lease.until);
    }
    this.#arm();
  }

  /** Who was deactivated vanishes at once. */
  #drop(userId: UserId): void {
    for (const [connectionId, { lease }] of this.#own) {
      if (lease.userId === userId) this.#own.delete(connectionId);
    }
    this.#leases.drop(userId);
    this.#broadcaster.drop(userId);
  }

  /** Opens what a person may see of others, for one listener. */
  async #openView(userId: UserId): Promise<SignalView> {
    const role = await this.#options.roleOf(userId);
    if (role === null) throw new AppError("unauthenticated", "The account no longer exists");
    const isGuest = role === "guest";
    const audience = isGuest ? await this.#guests.open(userId) : this.#everybody;
    return {
      topic: audience.topic,
      start() {
        const snapshot = audience.snapshot();
        return { items: [snapshot], offset: snapshot.offset };
      },
      close: () => isGuest && this.#guests.close(userId),
    };
  }

  /** Restarts the subscriptions of a person who may see more or fewer people than before. */
  #restartReaders(userId: UserId): void {
    this.#options.signals.restart(userId, [EVERYBODY_TOPIC, guestTopic(userId)]);
  }

  #arm(): void {
    if (this.#own.size === 0) this.#renewAt = Infinity;
    else if (this.#renewAt === Infinity) this.#renewAt = this.#now() + PRESENCE_RENEW_MS;
    this.#alarm.set(Math.min(this.#renewAt, this.#expireAt, this.#broadcaster.nextAt));
  }

  #ring(): void {
    const now = this.#now();
    if (now >= this.#renewAt) this.#renew(now);
    if (now >= this.#expireAt) this.#expire(now);
    const changed = this.#broadcaster.flush(now);
    if (changed.length > 0) {
      this.#everybody.deliver(changed);
      this.#guests.deliver(changed);
    }
    this.#arm();
  }

  #renew(now: number): void {
    this.#renewAt = now + PRESENCE_RENEW_MS;
    const leases = [...this.#own.values()].flatMap(({ connection, lease }) =>
      connection.isOpen ? [lease] : []
    );
    if (leases.length > 0) this.#options.signals.send(LEASES, null, { leases });
  }

  #expire(now: number): void {
    const { userIds, nextAt } = this.#leases.expire(now);
    // A lease that has died has been silent for 30 s already.
    for (const userId of userIds) this.#broadcaster.touch(userId, { isSettled: true });
    this.#expireAt = Math.max(nextAt, now + EXPIRE_INTERVAL_MS);
  }
}

function leaseOf(connectionId: string, userId: UserId, status: "online" | "away"): HeldLease {
  return { connectionId, userId, status, forMs: PRESENCE_LEASE_MS };
}
