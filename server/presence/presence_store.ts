import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import { PRESENCE_RENEW_MS } from "../../shared/limits.ts";
import type { PresenceStatus } from "../../shared/presence.ts";
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
import { leaseOf, PresenceLeases } from "./presence_leases.ts";
import type { HeldLease } from "./presence_leases.ts";
import { PresenceAudience } from "./presence_audience.ts";
import { PresenceBroadcaster } from "./presence_broadcaster.ts";
import { StatusTextStore } from "./status_text_store.ts";
import type { StatusTextChange } from "./status_text_store.ts";

/** Topic of everyone's presence, for members. */
const EVERYBODY_TOPIC = "presence";
/** Minimum interval between scans for expired leases. */
const EXPIRE_INTERVAL_MS = 1_000;
/** A visible tab without a socket renews its lease every 10 s; after this time of silence it is gone. */
const HTTP_STEP_DOWN_MS = 1.2 * PRESENCE_RENEW_MS;

/** Sent between instances: leases of devices. Each instance computes from them what its own users may see. */
export const LEASES = defineSignal<{ readonly leases: readonly HeldLease[] }>({
  kind: "presence",
  audience: "instances",
});
/** Asks other instances for their leases, which a new instance would otherwise learn only on renewal. */
const LEASES_WANTED = defineSignal<Record<never, never>>({ kind: "presence_wanted", audience: "instances" });

export interface PresenceStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly hub: Hub;
  readonly signals: Signals;
  readonly log: Log;
  readonly now: () => number;
  /** Reads the role of an account; null if it is missing or deactivated. */
  readonly roleOf: (userId: UserId) => Promise<Role | null>;
  /** Reads who shares a room with a person, including the person. */
  readonly neighboursOf: (userId: UserId) => Promise<Neighbours>;
}

/** A device that is present. */
export interface PresenceSource {
  readonly userId: UserId;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  /** Distinguishes the devices of a person over HTTP. */
  readonly key: string;
}

interface OwnLease {
  readonly connection: Connection;
  readonly lease: HeldLease;
}

/**
 * Who is online. Each device has a lease of 30 s, renewed by this process while its WebSocket is open, or over HTTP
 * by the device. The best valid lease of a person counts.
 *
 * Guarantees: a snapshot plus later diffs equals a later snapshot; readers who miss a diff get a new snapshot. Leases
 * are not stored: after a crash of a client or server, its leases expire within 30 s. Texts and do-not-disturb are
 * stored.
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
  /** The last time read from the clock. */
  #seenAt = -Infinity;

  /** Subscribes without any status texts, where storage cannot be read. */
  static openEmpty(options: PresenceStoreOptions): Promise<PresenceStore> {
    return Promise.resolve(new PresenceStore(options));
  }

  /** Loads status texts and subscribes. */
  static async open(options: PresenceStoreOptions): Promise<PresenceStore> {
    const store = new PresenceStore(options);
    for (const [userId, statusText] of await store.#texts.all()) {
      if (await options.roleOf(userId) !== null) store.#broadcaster.setText(userId, statusText);
    }
    // There are no readers yet: the first snapshot includes everyone.
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

  /** Marks a device as present while its connection is open, or for 30 s over HTTP. */
  hold(source: PresenceSource, status: "online" | "away"): void {
    const { userId, connection, key } = source;
    if (connection === null) return this.#holdOverHttp(userId, key, status);
    if (!connection.isOpen) return;
    const lease = leaseOf(connection.id, { userId, status, key });
    if (!this.#own.has(connection.id)) connection.onClose(() => this.#giveUp(connection.id));
    this.#own.set(connection.id, { connection, lease });
    this.#options.signals.send(LEASES, null, { leases: [lease] });
  }

  /** Changes a person's status text, unless `signal` aborts before the change starts. */
  async setText(userId: UserId, change: StatusTextChange, signal?: AbortSignal): Promise<void> {
    const until = change.textUntil ?? null;
    if (until !== null && Date.parse(until) <= this.#now()) {
      throw invalidInput("textUntil", "Must be a time in the future");
    }
    await this.#texts.change(userId, change, signal);
  }

  /** Asks other instances for their leases; call it once this one receives the feed. */
  askOthers(): void {
    this.#options.signals.send(LEASES_WANTED, null, {});
  }

  /** Number of people with a device that is present. */
  get onlineCount(): number {
    return this.#leases.peopleCount;
  }

  /** Returns the status of a person right now, by all devices. */
  statusOf(userId: UserId): PresenceStatus {
    return this.#leases.statusOf(userId, this.#now());
  }

  /** Whether a session or token has a device, on any instance, that hears at once what happens. */
  isConnected(userId: UserId, key: string): boolean {
    return this.#leases.hasKey(userId, key, this.#now());
  }

  /** Statistics of the cached neighbours of guests. */
  get cache(): CacheStats {
    return this.#guests.cache;
  }

  /** Stops timers and unsubscribes. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#alarm.stop();
  }

  /** Tabs of a session share a key here: a hidden tab must not set a visible one to away. */
  #holdOverHttp(userId: UserId, key: string, status: "online" | "away"): void {
    // A hidden tab has no stream.
    const own = status === "online" ? { userId, status, key } : { userId, status };
    const leases = [leaseOf(`${key} ${status}`, own)];
    const online = status === "away" ? this.#leases.find(userId, `${key} online`) : null;
    if (online !== null && online.until > this.#now() + HTTP_STEP_DOWN_MS) {
      leases.push({ ...leaseOf(online.connectionId, online), forMs: HTTP_STEP_DOWN_MS });
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

  /** Removes a deactivated person at once. */
  #drop(userId: UserId): void {
    for (const [connectionId, { lease }] of this.#own) {
      if (lease.userId === userId) this.#own.delete(connectionId);
    }
    this.#leases.drop(userId);
    this.#broadcaster.drop(userId);
  }

  /** Opens the audience of a listener. */
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

  /** Restarts the subscriptions of a person who may now see other people. */
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
    // An expired lease has already been silent for 30 s.
    for (const userId of userIds) this.#broadcaster.touch(userId, { isSettled: true });
    this.#expireAt = Math.max(nextAt, now + EXPIRE_INTERVAL_MS);
  }
}
