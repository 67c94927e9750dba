import { RING_MS } from "../../shared/call/call_limits.ts";
import type { CallId, RoomId, SessionId, UserId } from "../../shared/ids.ts";
import { excerptOf } from "../../shared/notify/excerpt.ts";
import type { PersonSettings } from "../../shared/notify/notification_settings.ts";
import { callTag } from "../../shared/notify/push_payload.ts";
import type { PushPayload } from "../../shared/notify/push_payload.ts";
import type { Unread } from "../../shared/notify/unread.ts";
import { ringAsMessage } from "../../shared/notify/who_is_told.ts";
import { runForAll } from "../kv/caller.ts";
import type { Log } from "../log.ts";
import type { RoomStore } from "../rooms/room_store.ts";
import { PlannedWork } from "./planned_work.ts";
import { PushClaim } from "./push_claim_store.ts";
import type { LeftTask, PushClaimStore, RingTask } from "./push_claim_store.ts";
import { TITLE_MAX_LENGTH } from "./push_limits.ts";
import type { PushSender } from "./push_sender.ts";
import type { PushDevice, PushSubscriptionStore } from "./push_subscription_store.ts";
import type { ToldPeople } from "./told_people.ts";

/** A missed call is told to a device that is reached within a day, and that it was answered only soon. */
const MISSED_TTL_SECONDS = 86_400;
const ANSWERED_TTL_SECONDS = 300;

/** A ring for a person. */
export interface PushedRing {
  readonly callId: CallId;
  readonly roomId: RoomId;
  /** Tells a second ring of the call from the first. */
  readonly number: number;
  readonly userId: UserId;
  readonly by: UserId;
  readonly video: boolean;
  /** How long it still rings. */
  readonly remainingMs: number;
}

/** How a ring ended. */
export interface RingEnding {
  readonly reason: "accepted" | "declined" | "busy" | "cancelled" | "missed";
  /** The session or token that ended it, if one did. */
  readonly key: string | null;
}

export interface CallPushesOptions {
  readonly rooms: RoomStore;
  readonly subscriptions: PushSubscriptionStore;
  readonly people: ToldPeople;
  readonly sender: PushSender;
  readonly claims: PushClaimStore;
  readonly settingsOf: (userId: UserId) => Promise<PersonSettings>;
  readonly nameOf: (userId: UserId) => Promise<string>;
  /** Reads what the badge of a person's devices shows. */
  readonly unreadOf: (userId: UserId) => Promise<Unread>;
  /** Whether a page of the session is connected, which rings by itself. */
  readonly isConnected: (userId: UserId, sessionId: SessionId) => boolean;
  /** Whether a call goes on. */
  readonly isRunning: (callId: CallId) => boolean;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** A ring with its end in epoch milliseconds: a push may be sent long after it began. */
type TimedRing = PushedRing & { readonly until: number };

/** What the end of a ring needs: whom it rang for, and the sessions that got a push. */
interface EndData {
  readonly ring: Pick<PushedRing, "callId" | "roomId" | "number" | "userId" | "by">;
  readonly sessionIds: readonly SessionId[];
}

/** Pushes rings to devices on which no page is open, and tells the same devices how they ended. */
export class CallPushes {
  readonly #options: CallPushesOptions;
  /** What rings now. */
  readonly #rings = new Map<string, TimedRing>();
  /** The last thing to do for a ring; its end waits until its beginning is stored. */
  readonly #steps = new Map<string, Promise<void>>();
  readonly #sending = new Set<Promise<void>>();
  readonly #again: PlannedWork<() => void>;

  constructor(options: CallPushesOptions) {
    this.#options = options;
    this.#again = new PlannedWork(options.now, (work) => work());
  }

  /** Takes over what was left when this server, or another instance, was killed: the ends of rings that are over. */
  restore(left: readonly LeftTask[]): void {
    for (const { task, data, atMs } of left) {
      if ("roomId" in task || task.phase !== "end") continue;
      const { ring } = data as EndData;
      if (this.#rings.has(idOf(ring))) continue;
      this.#again.add(atMs, () => this.#step(ring, () => this.#end(ring, { reason: "missed", key: null })));
    }
  }

  /** Call it when somebody is rung, and at the start for what rings. */
  started(started: PushedRing): void {
    const ring = { ...started, until: this.#options.now() + Math.min(started.remainingMs, RING_MS) };
    this.#rings.set(idOf(ring), ring);
    if (this.#options.subscriptions.people.has(ring.userId)) this.#step(ring, () => this.#ring(ring));
  }

  /** Call it when a ring has ended. */
  ended(ring: EndData["ring"], ending: RingEnding): void {
    this.#rings.delete(idOf(ring));
    if (this.#options.subscriptions.people.has(ring.userId)) this.#step(ring, () => this.#end(ring, ending));
  }

  /** Stops what waits; what is left is stored for the next start. */
  async close(): Promise<void> {
    this.#again.close();
    await Promise.all(this.#steps.values());
    await Promise.all(this.#sending);
  }

  #step(ring: EndData["ring"], work: () => Promise<void>): void {
    const id = idOf(ring);
    const before = this.#steps.get(id) ?? Promise.resolve();
    // Not on behalf of whoever calls.
    const step = runForAll(() => before.then(work)).catch((error) =>
      this.#options.log.warn("Cannot push a call", { reason: String(error) })
    ).finally(() => {
      if (this.#steps.get(id) === step) this.#steps.delete(id);
    });
    this.#steps.set(id, step);
  }

  async #ring(ring: TimedRing): Promise<void> {
    const { claims, now } = this.#options;
    const devices = await this.#devicesToRing(ring);
    const isRinging = () => this.#rings.has(idOf(ring));
    if (devices.length === 0 || !isRinging()) return;
    const claim = await claims.take(taskOf(ring, "ring"), null);
    if (typeof claim === "number") {
      // If the instance that sends is killed, this one does.
      this.#again.add(claim, () => isRinging() && this.#step(ring, () => this.#ring(ring)));
    }
    if (!(claim instanceof PushClaim)) return;
    const { callId, roomId, number, userId, by } = ring;
    const sessionIds = devices.map(({ sessionId }) => sessionId);
    const data: EndData = { ring: { callId, roomId, number, userId, by }, sessionIds };
    // Before anything is sent, so that the end reaches the same devices, also after a kill.
    await claims.plan(taskOf(ring, "end"), now(), data);
    this.#send(async () =>
      void await claim.run((isHeld) => this.#sendRing(ring, devices, () => isHeld() && isRinging()))
    );
  }

  /** Returns the devices without an open page of a person whom the ring may disturb. */
  async #devicesToRing({ roomId, userId, by }: PushedRing): Promise<PushDevice[]> {
    const { rooms, subscriptions, people, isConnected, now } = this.#options;
    const row = await rooms.access.row(roomId);
    if (row === null) return [];
    const told = await people.among([userId], {
      roomId,
      at: new Date(now()).toISOString(),
      replyTo: null,
      facts: ringAsMessage(by, userId),
      row,
    });
    if (told.length === 0) return [];
    const devices = await subscriptions.devicesOf(userId);
    return devices.filter(({ sessionId }) => !isConnected(userId, sessionId));
  }

  async #sendRing(
    ring: TimedRing,
    devices: readonly PushDevice[],
    isWanted: () => boolean,
  ): Promise<boolean> {
    const { sender, now } = this.#options;
    const { callId, roomId, video, until } = ring;
    const sentAt = now();
    const { title, missed, settings } = await this.#words(ring);
    const payload: PushPayload = {
      kind: "call",
      tag: callTag(callId),
      callId,
      roomId,
      title,
      body: video && settings.previews ? "Incoming video call" : "Incoming call",
      url: `/r/${roomId}`,
      sentAt,
      until,
      missed,
      close: [],
    };
    const ttlSeconds = Math.max(0, Math.ceil((until - sentAt) / 1_000));
    return await sender.send(
      devices,
      payload,
      { topic: payload.tag, ttlSeconds, urgency: "high" },
      isWanted,
    );
  }

  async #end(ring: EndData["ring"], ending: RingEnding): Promise<void> {
    const { claims } = this.#options;
    const task = taskOf(ring, "end");
    const data = await claims.find<EndData>(task);
    // No device was rung by a push.
    if (data === null) return;
    this.#send(async () => {
      const againAt = await claims.perform(task, data, (isHeld) => this.#sendEnd(data, ending, isHeld));
      if (againAt !== null) this.#again.add(againAt, () => this.#step(ring, () => this.#end(ring, ending)));
    });
  }

  async #sendEnd(
    { ring, sessionIds }: EndData,
    { reason, key }: RingEnding,
    isHeld: () => boolean,
  ): Promise<boolean> {
    const { subscriptions, sender, unreadOf, isRunning } = this.#options;
    const { callId, roomId, userId } = ring;
    // The device that answered or declined needs no word of it.
    const rung = new Set<string>(sessionIds.filter((sessionId) => sessionId !== key));
    const devices = (await subscriptions.devicesOf(userId)).filter(({ sessionId }) => rung.has(sessionId));
    if (devices.length === 0) return true;
    const [{ title, missed, isDirect }, unread] = await Promise.all([this.#words(ring), unreadOf(userId)]);
    const isMissed = reason === "missed" || reason === "cancelled";
    // It becomes unread when the caller, who hears of this now, hangs up.
    const isYetToCount = isMissed && isDirect && isRunning(callId);
    const answered = reason === "accepted" ? "Answered on another device" : "Declined on another device";
    const payload: PushPayload = {
      kind: "callEnded",
      tag: callTag(callId),
      title,
      body: isMissed ? missed : answered,
      url: `/r/${roomId}`,
      isMissed,
      unread: isYetToCount ? { ...unread, ownCount: unread.ownCount + 1 } : unread,
      close: [],
    };
    const ttlSeconds = isMissed ? MISSED_TTL_SECONDS : ANSWERED_TTL_SECONDS;
    return await sender.send(
      devices,
      payload,
      { topic: payload.tag, ttlSeconds, urgency: "high" },
      isHeld,
    );
  }

  /** Without previews, nothing tells who called. */
  async #words({ roomId, userId, by }: EndData["ring"]) {
    const { rooms, settingsOf, nameOf } = this.#options;
    const [settings, name, row] = await Promise.all([
      settingsOf(userId),
      nameOf(by),
      rooms.access.row(roomId),
    ]);
    const isDirect = row?.kind === "direct";
    if (!settings.previews) return { settings, isDirect, title: "Parley", missed: "Missed call" };
    const title = excerptOf(row === null || isDirect ? name : `${name} in ${row.name}`, TITLE_MAX_LENGTH);
    return { settings, isDirect, title, missed: `Missed call from ${name}` };
  }

  #send(work: () => Promise<void>): void {
    const sending = work().catch((error) =>
      this.#options.log.warn("Cannot push a call", { reason: String(error) })
    );
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }
}

function taskOf({ callId, number }: EndData["ring"], phase: RingTask["phase"]): RingTask {
  return { callId, number, phase };
}

function idOf({ callId, number }: EndData["ring"]): string {
  return `${callId} ${number}`;
}
