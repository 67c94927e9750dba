import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { excerptOf } from "../../shared/notify/excerpt.ts";
import type { PersonSettings } from "../../shared/notify/notification_settings.ts";
import { roomTag } from "../../shared/notify/push_payload.ts";
import type { PushPayload } from "../../shared/notify/push_payload.ts";
import type { Unread } from "../../shared/notify/unread.ts";
import type { ToldReason } from "../../shared/notify/who_is_told.ts";
import { FairQueue } from "../auth/fair_queue.ts";
import type { Feed, Notice } from "../changes.ts";
import { runFor } from "../kv/caller.ts";
import type { Caller } from "../kv/caller.ts";
import type { Log } from "../log.ts";
import { readPosition } from "../rooms/room_records.ts";
import type { RoomRow } from "../rooms/room_records.ts";
import { isRoomNotice } from "../rooms/room_stream.ts";
import type { RoomStore } from "../rooms/room_store.ts";
import { CurrentMessage } from "./current_message.ts";
import { PlannedWork } from "./planned_work.ts";
import type { LeftTask, MessageTask, PushClaimStore } from "./push_claim_store.ts";
import { TITLE_MAX_LENGTH } from "./push_limits.ts";
import type { PushSender } from "./push_sender.ts";
import type { PushSubscriptionStore } from "./push_subscription_store.ts";
import type { ShownStore } from "./shown_store.ts";
import { isToldNow, toldLaterAt } from "./told_people.ts";
import type { Told, ToldPeople } from "./told_people.ts";

/** Messages that wait to be looked at; more at once are not pushed. */
const WAITING_MAX_COUNT = 1_000;
/** People whom the row of a claim names, since it must fit; if there are more, it names nobody. */
const NAMED_MAX_COUNT = 1_000;
const TTL_SECONDS = 86_400;
/** People whose pushes are written at the same time, which takes several reads and a commit each; others wait. */
const WRITING_COUNT = 16;
const UNWRITTEN_MAX_COUNT = 10_000;

export interface MessagePushesOptions {
  readonly feed: Feed;
  readonly rooms: RoomStore;
  readonly subscriptions: PushSubscriptionStore;
  readonly people: ToldPeople;
  readonly sender: PushSender;
  readonly claims: PushClaimStore;
  readonly shown: ShownStore;
  readonly settingsOf: (userId: UserId) => Promise<PersonSettings>;
  readonly nameOf: (userId: UserId) => Promise<string>;
  readonly messageAt: (roomId: RoomId, offset: number) => Promise<Message | null>;
  /** Reads what the badge of a person's devices shows. */
  readonly unreadOf: (userId: UserId) => Promise<Unread>;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Pushes take turns with all accounts, and none of the time of whoever sends. */
const PUSHES: Caller = { accountId: "pushes", charge() {}, beginWait: () => () => {}, live() {} };

/** What is to be decided, at once or later. */
interface Task extends MessageTask {
  /** Null if it must be read. */
  readonly message: Message | null;
  /** Null for everyone with a subscription. */
  readonly userIds: readonly UserId[] | null;
  /** Whether a claim may be stored already. */
  readonly isStored: boolean;
}

/** What a claim is stored with. */
interface ClaimData {
  readonly userIds: readonly UserId[] | null;
}

/** Pushes messages to people whom they concern. */
export class MessagePushes {
  readonly #options: MessagePushesOptions;
  readonly #waiting: Task[] = [];
  readonly #later: PlannedWork<Task>;
  readonly #stop: () => void;
  #running: Promise<void> | null = null;
  readonly #sending = new Set<Promise<void>>();
  readonly #writing = new FairQueue({
    runningCount: WRITING_COUNT,
    waitingCount: UNWRITTEN_MAX_COUNT,
    refusal: () => new Error("Too many pushes wait"),
  });
  readonly #current = new Set<CurrentMessage>();
  #isClosed = false;

  /** Subscribes to the feed. */
  constructor(options: MessagePushesOptions) {
    this.#options = options;
    this.#later = new PlannedWork(options.now, (task) => this.#add(task));
    this.#stop = options.feed.subscribe("deliver", (notice) => this.#hear(notice));
  }

  /** Takes over what was left to do when this server, or another instance, was killed. */
  restore(left: readonly LeftTask[]): void {
    for (const { task, data, atMs } of left) {
      if (!("roomId" in task)) continue;
      const { userIds } = data as ClaimData;
      this.#later.add(atMs, { ...task, message: null, userIds, isStored: true });
    }
  }

  /** Unsubscribes; what is left is stored for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stop();
    this.#later.close();
    await this.#running;
    await Promise.all(this.#sending);
  }

  #hear(notice: Notice): void {
    if (!isRoomNotice(notice)) return;
    for (const event of notice.events) {
      if (event.type === "member_joined" || event.type === "member_left") {
        this.#options.people.forget(notice.streamId);
      }
      if (event.type === "message_edited" || event.type === "message_deleted") {
        this.#changed(notice.streamId, event.messageOffset);
      }
      if (event.type !== "message_sent" || this.#options.subscriptions.people.size === 0) continue;
      const { message } = event;
      const { roomId, offset } = message;
      this.#add({ roomId, offset, phase: "now", message, userIds: null, isStored: false });
    }
  }

  #changed(roomId: RoomId, offset: number): void {
    for (const current of this.#current) {
      if (current.roomId === roomId && current.offset === offset) current.changed();
    }
  }

  #add(task: Task): void {
    if (this.#isClosed) return;
    if (this.#waiting.length >= WAITING_MAX_COUNT) {
      this.#options.sender.counts.dropped++;
      return;
    }
    this.#waiting.push(task);
    this.#running ??= runFor(PUSHES, () => this.#work()).finally(() => this.#running = null);
  }

  async #work(): Promise<void> {
    // After what the send itself has to do.
    await Promise.resolve();
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      try {
        await this.#perform(task);
      } catch (error) {
        this.#options.log.warn("Cannot push a message", { reason: String(error) });
      }
    }
  }

  async #perform(task: Task): Promise<void> {
    const { rooms, people, messageAt } = this.#options;
    const { roomId, offset } = task;
    const userIds = task.userIds ?? [...await people.of(roomId)];
    const [row, message] = userIds.length === 0 ? [null, null] : await Promise.all([
      rooms.access.row(roomId),
      // Later, it may have been edited or deleted.
      task.message ?? messageAt(roomId, offset),
    ]);
    const told = row === null || message === null
      ? []
      : await people.among(userIds, { ...message, facts: message, row });
    const later = told.filter((one) => toldLaterAt(one) !== null);
    const laterAt = later[0] === undefined ? null : toldLaterAt(later[0]);
    if (laterAt !== null) await this.#plan(laterAt, { ...task, phase: "later", userIds: idsOf(later) });
    const now = told.filter(isToldNow);
    if (now.length === 0 && !task.isStored) return;
    const current = new CurrentMessage(task, messageAt);
    this.#current.add(current);
    const sending = this.#claimed(
      task,
      now,
      ({ userId, telling: { reason } }, isHeld) =>
        current.send((latest, isCurrent) =>
          row === null
            ? Promise.resolve(true)
            : this.#tell(latest, row, userId, { reason, isWanted: () => isHeld() && isCurrent() })
        ),
    ).catch((error) => this.#options.log.warn("Cannot push a message", { reason: String(error) }));
    this.#sending.add(sending);
    void sending.finally(() => {
      this.#sending.delete(sending);
      this.#current.delete(current);
    });
  }

  /** Sends if no other instance does; if that one ends before, this one does. */
  async #claimed(
    task: Task,
    told: readonly Told[],
    tell: (one: Told, isHeld: () => boolean) => Promise<boolean>,
  ): Promise<void> {
    const againAt = await this.#options.claims.perform(
      task,
      dataOf(idsOf(told)),
      async (isHeld) => {
        const ends = await Promise.all(told.map((one) => tell(one, isHeld)));
        return !ends.includes(false);
      },
    );
    if (againAt !== null) this.#later.add(againAt, { ...task, message: null, isStored: true });
  }

  /** Returns false if it must be sent later. */
  async #tell(
    message: Message,
    room: RoomRow,
    userId: UserId,
    { reason, isWanted }: { readonly reason: ToldReason; readonly isWanted: () => boolean },
  ): Promise<boolean> {
    const { subscriptions, sender } = this.#options;
    const [devices, payload] = await this.#writing.run([userId], async () => {
      const found = await subscriptions.devicesOf(userId);
      return [found, found.length === 0 ? null : await this.#write(message, room, userId)] as const;
    });
    if (payload === null) return true;
    const urgency = reason === "message" ? "normal" : "high";
    const way = { topic: payload.tag, ttlSeconds: TTL_SECONDS, urgency } as const;
    return await sender.send(devices, payload, way, isWanted);
  }

  async #write(message: Message, room: RoomRow, userId: UserId): Promise<PushPayload> {
    const { rooms, shown, settingsOf, nameOf, unreadOf } = this.#options;
    const { roomId, offset, by, at, text } = message;
    const isRead = async (id: RoomId, upTo: number) => {
      const state = await rooms.readStates.load(userId, id);
      return state === null || readPosition(state).readOffset >= upTo;
    };
    const [settings, name, unread, read] = await Promise.all([
      settingsOf(userId),
      nameOf(by),
      unreadOf(userId),
      shown.note(userId, message, isRead),
    ]);
    const title = room.kind === "direct" ? name : `${name} in ${room.name}`;
    const words = settings.previews
      ? { title: excerptOf(title, TITLE_MAX_LENGTH), body: excerptOf(text) }
      : { title: "Parley", body: "New message" };
    return {
      kind: "message",
      tag: roomTag(roomId),
      ...words,
      url: `/r/${roomId}/${offset}`,
      sentAt: Date.parse(at),
      isSilent: !settings.sound,
      unread,
      close: read.map(roomTag),
    };
  }

  async #plan(atMs: number, task: Task): Promise<void> {
    this.#later.add(atMs, { ...task, message: null, isStored: true });
    await this.#options.claims.plan(task, atMs, dataOf(task.userIds));
  }
}

function dataOf(userIds: readonly UserId[] | null): ClaimData {
  return { userIds: userIds !== null && userIds.length <= NAMED_MAX_COUNT ? userIds : null };
}

function idsOf(told: readonly Told[]): UserId[] {
  return told.map(({ userId }) => userId);
}
