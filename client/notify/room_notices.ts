import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { PersonSettings } from "../../shared/notify/notification_settings.ts";
import { whoIsTold } from "../../shared/notify/who_is_told.ts";
import type { RoomSummary } from "../../shared/room.ts";

/** A message that the user is told of. */
export interface ToldMessage {
  readonly message: Message;
  readonly room: RoomSummary;
  readonly settings: Pick<PersonSettings, "sound" | "previews">;
}

/** What decides whether the user is told, and how that is done. */
export interface NoticePlaces {
  readonly me: UserId;
  readonly doNotDisturb: () => boolean;
  /** Whether the user looks at this tab right now. */
  readonly isAttentive: () => boolean;
  /** Whether they use another tab or device right now. */
  readonly isUsedElsewhere: () => boolean | Promise<boolean>;
  /** Whether the user sees this room right now. */
  readonly isSeen: (roomId: RoomId) => boolean;
  readonly readSettings: () => Promise<
    Pick<PersonSettings, "quietHours" | "timeZone" | "sound" | "previews">
  >;
  /** Reads the last messages before an offset, oldest first. */
  readonly listBefore: (roomId: RoomId, offset: number) => Promise<readonly Message[]>;
  /** Reads who wrote a message; null if it is gone. */
  readonly authorOf: (roomId: RoomId, offset: number) => Promise<UserId | null>;
  /** Tells the user; returns what takes it back. */
  readonly tell: (told: ToldMessage) => () => void;
  readonly now: () => number;
}

/** A room in which nothing concerned the user is read again only after this time. */
export const REST_MS = 5_000;
/** How far is read back for a message that concerns the user. */
const PAGES_MAX_COUNT = 5;
const THIS_TAB = "this tab";

/**
 * Tells of new messages of one room. Messages are read only if the room may concern the user, and once they were told
 * of it, only those that mention them, until they have read it.
 */
export class RoomNotices implements Disposable {
  readonly #places: NoticePlaces;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #room: RoomSummary;
  /** Messages up to here are read, or were looked at. */
  #lookedAt: number;
  /** How many mentions were there when it was last looked. */
  #mentions: number;
  #told: { readonly offset: number; readonly takeBack: () => void } | null = null;
  #isLooking = false;
  #restUntil = 0;
  #isResting = false;
  #isDisposed = false;

  /** What is there already is no news. */
  constructor(room: RoomSummary, places: NoticePlaces) {
    this.#room = room;
    this.#lookedAt = room.head;
    this.#mentions = room.mentions;
    this.#places = places;
  }

  /** Takes a changed summary. */
  see(room: RoomSummary): void {
    this.#room = room;
    this.#mentions = Math.min(this.#mentions, room.mentions);
    this.#lookedAt = Math.max(this.#lookedAt, room.readOffset);
    if (this.#told !== null && room.readOffset >= this.#told.offset) this.#takeBack();
    if (room.head <= this.#lookedAt) return;
    const isUrgent = room.mentions > this.#mentions || room.kind === "direct";
    if (this.#told === null || isUrgent) this.#lookIn(isUrgent ? 0 : this.#restUntil - this.#places.now());
  }

  /** Takes back what was told. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#takeBack();
  }

  #takeBack(): void {
    this.#told?.takeBack();
    this.#told = null;
  }

  #after(ms: number, act: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void act();
    }, ms);
    this.#timers.add(timer);
  }

  #lookIn(ms: number): void {
    if (ms <= 0) return void this.#look();
    if (this.#isResting) return;
    this.#isResting = true;
    this.#after(ms, () => {
      this.#isResting = false;
      return this.#look();
    });
  }

  async #look(): Promise<void> {
    const { head, level, mentions } = this.#room;
    if (this.#isLooking || level === "none" || head <= this.#lookedAt) return;
    this.#isLooking = true;
    try {
      await this.#lookBack(head);
      this.#lookedAt = Math.max(this.#lookedAt, head);
      this.#mentions = mentions;
      this.#isLooking = false;
      this.#restUntil = this.#places.now() + REST_MS;
      // What came meanwhile.
      if (!this.#isDisposed) this.see(this.#room);
    } catch {
      // Without a connection. The next summary, after the reconnect, looks again.
      this.#isLooking = false;
    }
  }

  /** Reads back from the newest message, a page at a time, until something concerns the user. */
  async #lookBack(head: number): Promise<void> {
    let before = head + 1;
    for (let count = 0; count < PAGES_MAX_COUNT && before > this.#lookedAt + 1; count++) {
      const page = await this.#places.listBefore(this.#room.id, before);
      const news = page.filter(({ offset }) => offset > this.#lookedAt);
      if (await this.#considerAll(news) || news.length < page.length) return;
      before = page[0]?.offset ?? 0;
    }
  }

  /**
   * Tells of the newest message that concerns the user, and resolves with whether there is one. Those that wait for the
   * user on another device are considered again, all at once.
   */
  async #considerAll(messages: readonly Message[]): Promise<boolean> {
    const waiting = new Set<number>();
    let againAt = 0;
    for (const message of messages.toReversed()) {
      const laterAt = await this.#consider(message);
      // A notification shows the newest message.
      if (this.#told?.offset === message.offset) break;
      if (laterAt === null) continue;
      waiting.add(message.offset);
      againAt = Math.max(againAt, laterAt);
    }
    if (waiting.size > 0 && !this.#isDisposed) {
      this.#after(againAt - this.#places.now(), () => this.#considerAgain(waiting));
    }
    return waiting.size > 0 || messages.some(({ offset }) => offset === this.#told?.offset);
  }

  /** Reads the messages again, which may have been edited or deleted since. */
  async #considerAgain(offsets: ReadonlySet<number>): Promise<void> {
    const last = Math.max(...offsets);
    if (last <= Math.max(this.#room.readOffset, this.#told?.offset ?? 0)) return;
    try {
      const messages = await this.#places.listBefore(this.#room.id, last + 1);
      await this.#considerAll(messages.filter(({ offset }) => offsets.has(offset)));
    } catch {
      // Without a connection. The next summary, after the reconnect, looks again.
      this.#lookedAt = Math.min(this.#lookedAt, Math.min(...offsets) - 1);
    }
  }

  /** Tells of a message if it concerns the user; returns when to consider it again, or null. */
  async #consider(message: Message): Promise<number | null> {
    const { me, readSettings, authorOf, isUsedElsewhere, isAttentive, isSeen, doNotDisturb, tell, now } =
      this.#places;
    const [settings, isElsewhere, repliesTo] = await Promise.all([
      readSettings(),
      isUsedElsewhere(),
      message.replyTo === null ? null : authorOf(message.roomId, message.replyTo),
    ]);
    const room = this.#room;
    const isOutdone = this.#told !== null && message.offset <= this.#told.offset;
    if (this.#isDisposed || isOutdone || isSeen(room.id)) return null;
    const devices = [{ id: THIS_TAB, isActive: isAttentive() }];
    if (isElsewhere) devices.push({ id: "elsewhere", isActive: true });
    const telling = whoIsTold({
      userId: me,
      message,
      repliesTo,
      room,
      settings,
      doNotDisturb: doNotDisturb(),
      devices,
      sentMs: Date.parse(message.at),
      nowMs: now(),
    });
    if (!telling.isTold) return null;
    // That there is something in the room was told already.
    const isUrgent = telling.reason !== "message" || room.kind === "direct";
    if (this.#told !== null && !isUrgent) return null;
    if (!telling.now.includes(THIS_TAB)) return telling.later?.atMs ?? null;
    this.#takeBack();
    this.#told = { offset: message.offset, takeBack: tell({ message, room, settings }) };
    return null;
  }
}
