import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { excerptOf } from "../../shared/notify/excerpt.ts";
import type { PersonSettings } from "../../shared/notify/notification_settings.ts";
import { roomTag } from "../../shared/notify/push_payload.ts";
import type { PushPayload } from "../../shared/notify/push_payload.ts";
import { whoIsTold } from "../../shared/notify/who_is_told.ts";
import type { Telling } from "../../shared/notify/who_is_told.ts";
import type { Feed, Notice } from "../changes.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { Log } from "../log.ts";
import { ownLevelOf, readPosition } from "../rooms/room_records.ts";
import type { RoomRow } from "../rooms/room_records.ts";
import { isRoomNotice } from "../rooms/room_stream.ts";
import type { RoomStore } from "../rooms/room_store.ts";
import type { PushClaimStore, PushTask } from "./push_claim_store.ts";
import type { PushSender } from "./push_sender.ts";
import type { PushSubscriptionStore } from "./push_subscription_store.ts";
import type { ShownStore } from "./shown_store.ts";

/** Messages that wait to be looked at; more at once are not pushed. */
const WAITING_MAX_COUNT = 1_000;
/** Messages that wait for a later moment. */
const LATER_MAX_COUNT = 10_000;
const ROOMS_CACHED_COUNT = 1_000;
const PEOPLE_AT_ONCE_COUNT = 16;
const TICK_MS = 1_000;
const TITLE_MAX_LENGTH = 100;
const TTL_SECONDS = 86_400;
const PUSH = "push";

export interface MessagePushesOptions {
  readonly feed: Feed;
  readonly rooms: RoomStore;
  readonly subscriptions: PushSubscriptionStore;
  readonly sender: PushSender;
  /** Null if this is the only instance. */
  readonly claims: PushClaimStore | null;
  readonly shown: ShownStore;
  readonly settingsOf: (userId: UserId) => Promise<PersonSettings>;
  readonly nameOf: (userId: UserId) => Promise<string>;
  readonly messageAt: (roomId: RoomId, offset: number) => Promise<Message | null>;
  readonly doNotDisturb: (userId: UserId) => Promise<boolean>;
  /** Whether the person uses a device right now. */
  readonly isActive: (userId: UserId) => boolean;
  /** Reads how many messages are meant for a person. */
  readonly unreadOf: (userId: UserId) => Promise<number>;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** What is to be decided, at once or later. */
interface Task extends PushTask {
  readonly message: Message;
  /** Null for everyone with a subscription. */
  readonly userIds: readonly UserId[] | null;
}

/** Pushes messages to people whom they concern. Work per message depends on members with a subscription only. */
export class MessagePushes {
  readonly #options: MessagePushesOptions;
  readonly #people: ReadCache<RoomId, ReadonlySet<UserId>>;
  readonly #waiting: Task[] = [];
  readonly #later = new Set<{ readonly atMs: number; readonly task: Task }>();
  readonly #stops: (() => void)[];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running: Promise<void> | null = null;
  readonly #sending = new Set<Promise<void>>();
  #isClosed = false;

  /** Subscribes to the feed. */
  constructor(options: MessagePushesOptions) {
    this.#options = options;
    this.#people = new ReadCache({ maxCount: ROOMS_CACHED_COUNT });
    this.#stops = [
      options.feed.subscribe("deliver", (notice) => this.#hear(notice)),
      options.subscriptions.onPerson(() => this.#people.dropWhere(() => true)),
    ];
  }

  /** Unsubscribes, and forgets what waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#waiting.length = 0;
    await this.#running;
    await Promise.all(this.#sending);
  }

  #hear(notice: Notice): void {
    if (!isRoomNotice(notice)) return;
    for (const event of notice.events) {
      if (event.type === "member_joined" || event.type === "member_left") this.#people.drop(notice.streamId);
      if (event.type !== "message_sent" || this.#options.subscriptions.people.size === 0) continue;
      const { message } = event;
      this.#add({ roomId: message.roomId, offset: message.offset, phase: "now", message, userIds: null });
    }
  }

  #add(task: Task): void {
    if (this.#isClosed || this.#waiting.length >= WAITING_MAX_COUNT) return;
    this.#waiting.push(task);
    this.#running ??= this.#work().finally(() => this.#running = null);
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
    const { rooms, claims } = this.#options;
    const userIds = task.userIds ?? [...await this.#peopleOf(task.roomId)];
    const row = userIds.length === 0 ? null : await rooms.access.row(task.roomId);
    if (row === null) return;
    const told: { readonly userId: UserId; readonly telling: Telling & { isTold: true } }[] = [];
    for (let index = 0; index < userIds.length; index += PEOPLE_AT_ONCE_COUNT) {
      const some = userIds.slice(index, index + PEOPLE_AT_ONCE_COUNT);
      const tellings = await Promise.all(some.map((userId) => this.#decide(task, row, userId)));
      for (const [place, telling] of tellings.entries()) {
        const userId = some[place];
        if (telling?.isTold && userId !== undefined) told.push({ userId, telling });
      }
    }
    const later = told.filter(({ telling }) => telling.later?.devices.includes(PUSH));
    const [first] = later;
    if (first?.telling.later) {
      this.#plan(first.telling.later.atMs, {
        ...task,
        phase: "later",
        userIds: later.map(({ userId }) => userId),
      });
    }
    const now = told.filter(({ telling }) => telling.now.includes(PUSH));
    if (now.length === 0) return;
    const send = async () =>
      void await Promise.all(now.map(({ userId, telling }) => this.#tell(task, row, userId, telling)));
    const sending = (claims === null ? send().then(() => null) : claims.perform(task, send)).then(
      // Another instance sends it; if that one ends, this one does.
      (againAt) => againAt === null ? undefined : this.#plan(againAt, task),
      (error) => this.#options.log.warn("Cannot push a message", { reason: String(error) }),
    );
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }

  async #peopleOf(roomId: RoomId): Promise<ReadonlySet<UserId>> {
    const { rooms, subscriptions } = this.#options;
    const found = await this.#people.get(
      roomId,
      () => rooms.members.membersAmong(roomId, [...subscriptions.people]),
    );
    return found ?? new Set();
  }

  async #decide(task: Task, room: RoomRow, userId: UserId): Promise<Telling | null> {
    const { rooms, settingsOf, messageAt, doNotDisturb, isActive, now } = this.#options;
    const { roomId, offset, phase } = task;
    const message = phase === "later" ? await messageAt(roomId, offset) : task.message;
    const [state, settings, isBusy, replied] = await Promise.all([
      rooms.readStates.load(userId, roomId),
      settingsOf(userId),
      doNotDisturb(userId),
      task.message.replyTo === null ? null : messageAt(roomId, task.message.replyTo),
    ]);
    if (state === null || message === null) return null;
    return whoIsTold({
      userId,
      message,
      repliesTo: replied?.by ?? null,
      room: {
        kind: room.kind,
        level: ownLevelOf(state.row) ?? settings.level,
        mutedUntil: state.row.mutedUntil,
        readOffset: readPosition(state).readOffset,
      },
      settings,
      doNotDisturb: isBusy,
      devices: [
        { id: PUSH, isActive: false },
        ...isActive(userId) ? [{ id: "elsewhere", isActive: true }] : [],
      ],
      sentMs: Date.parse(message.at),
      nowMs: now(),
    });
  }

  async #tell(
    { message }: Task,
    room: RoomRow,
    userId: UserId,
    { reason }: Telling & { readonly isTold: true },
  ): Promise<void> {
    const { rooms, subscriptions, sender, shown, settingsOf, nameOf, unreadOf } = this.#options;
    const { roomId, offset, by, at, text } = message;
    const devices = await subscriptions.devicesOf(userId);
    if (devices.length === 0) return;
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
    const payload: PushPayload = {
      kind: "message",
      tag: roomTag(roomId),
      ...words,
      url: `/r/${roomId}/${offset}`,
      sentAt: Date.parse(at),
      isSilent: !settings.sound,
      unread,
      close: read.map(roomTag),
    };
    const urgency = reason === "message" ? "normal" : "high";
    await sender.send(devices, payload, { topic: payload.tag, ttlSeconds: TTL_SECONDS, urgency });
  }

  #plan(atMs: number, task: Task): void {
    if (this.#isClosed || this.#later.size >= LATER_MAX_COUNT) return;
    this.#later.add({ atMs, task });
    this.#timer ??= setTimeout(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    this.#timer = null;
    for (const planned of this.#later) {
      if (planned.atMs > this.#options.now()) continue;
      this.#later.delete(planned);
      this.#add(planned.task);
    }
    if (this.#later.size > 0) this.#timer ??= setTimeout(() => this.#tick(), TICK_MS);
  }
}
