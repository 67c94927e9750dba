import type { RoomId, UserId } from "../../shared/ids.ts";
import { TYPING_TTL_MS } from "../../shared/limits.ts";
import { SIGNALS } from "../../shared/signals.ts";
import type { TypingUpdate } from "../../shared/signals.ts";
import { Alarm } from "../alarm.ts";
import type { Feed, Notice } from "../changes.ts";
import type { Connection } from "../net/connection.ts";
import { isRoomNotice } from "../rooms/room_stream.ts";
import { signalItem } from "../streams/signals.ts";
import type { Signals, SignalStart } from "../streams/signals.ts";

export interface TypingStoreOptions {
  readonly feed: Feed;
  readonly signals: Signals;
  readonly now: () => number;
}

/** A device on which a person types. */
export interface TypingSource {
  readonly userId: UserId;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  /** Distinguishes the devices of a person over HTTP. */
  readonly key: string;
}

interface TypingEntry {
  readonly key: string;
  readonly sourceKey: string;
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly until: number;
}

/**
 * Who is typing where, in memory. A person types as long as one of their devices does. Each instance knows the
 * devices that report to it, and from the signals of all instances who types.
 *
 * Guarantees: delivery is not guaranteed. Slow readers miss updates; readers drop a typist after 6 s, which corrects
 * a lost stop. Typing ends when the device says so, sends the message, leaves, or is silent for 6 s. Readers start
 * with those who type on any instance, as far as their signals have arrived.
 */
export class TypingStore {
  readonly #signals: Signals;
  readonly #now: () => number;
  readonly #alarm: Alarm;
  readonly #unsubscribe: () => void;
  readonly #stopListening: () => void;
  /** Typists of all instances by room, and until when; sorted by that. */
  readonly #typists = new Map<RoomId, Map<UserId, number>>();
  #sweepAt = 0;
  /** Sorted by expiry: all live equally long, and a refresh moves an entry to the end. */
  readonly #entries = new Map<string, TypingEntry>();
  readonly #byRoom = new Map<RoomId, Map<UserId, Set<TypingEntry>>>();
  readonly #watched = new WeakSet<Connection>();

  /** Subscribes to the feed. */
  constructor(options: TypingStoreOptions) {
    this.#signals = options.signals;
    this.#now = options.now;
    this.#signals.setStart(SIGNALS.typing, (roomId, userId) => this.#typersOf(roomId, userId));
    this.#alarm = new Alarm(options.now, () => this.#expire());
    this.#unsubscribe = options.feed.subscribe("deliver", (notice) => this.#hear(notice));
    this.#stopListening = this.#signals.subscribe((signal, roomId, value) => {
      if (signal === SIGNALS.typing) this.#apply(roomId as RoomId, value as TypingUpdate);
    });
  }

  /** Handles that a device types, still types or has stopped. */
  set(source: TypingSource, roomId: RoomId, isTyping: boolean): void {
    const { userId, connection } = source;
    const sourceKey = connection?.id ?? source.key;
    const key = `${roomId} ${userId} ${sourceKey}`;
    const before = this.#entries.get(key);
    if (!isTyping) {
      if (before !== undefined) this.#stop(before);
      return;
    }
    if (connection?.isOpen === false) return;
    if (connection !== null) this.#watch(connection);
    if (before !== undefined) this.#remove(before);
    this.#add({ key, sourceKey, roomId, userId, until: this.#now() + TYPING_TTL_MS });
    // Send refreshes too: readers drop typists after 6 s of silence.
    this.#signals.send(SIGNALS.typing, roomId, { userId, isTyping: true });
  }

  /** Stops the timer and unsubscribes. */
  close(): void {
    this.#unsubscribe();
    this.#stopListening();
    this.#alarm.stop();
  }

  /** Returns who else is typing in a room; readers drop people who have stopped in the meantime by themselves. */
  #typersOf(roomId: RoomId, exceptUserId: UserId): SignalStart {
    const { offset } = this.#signals;
    const now = this.#now();
    // An instance that was killed sends no stop.
    const typers = [...this.#typists.get(roomId) ?? []].filter(([userId, until]) =>
      userId !== exceptUserId && until > now
    );
    return {
      items: typers.map(([userId]) => signalItem(SIGNALS.typing, { userId, isTyping: true }, offset)),
      offset,
    };
  }

  #apply(roomId: RoomId, { userId, isTyping }: TypingUpdate): void {
    const now = this.#now();
    if (now >= this.#sweepAt) this.#sweep(now);
    const typists = this.#typists.getOrInsertComputed(roomId, () => new Map());
    typists.delete(userId);
    if (isTyping) typists.set(userId, now + TYPING_TTL_MS);
    if (typists.size === 0) this.#typists.delete(roomId);
    // After this signal has reached all its handlers.
    if (!isTyping && this.#isTypingHere(roomId, userId)) queueMicrotask(() => this.#repeat(roomId, userId));
  }

  #isTypingHere(roomId: RoomId, userId: UserId): boolean {
    return this.#byRoom.get(roomId)?.has(userId) ?? false;
  }

  /** A device on another instance has stopped, one here has not. */
  #repeat(roomId: RoomId, userId: UserId): void {
    if (!this.#isTypingHere(roomId, userId)) return;
    this.#signals.send(SIGNALS.typing, roomId, { userId, isTyping: true });
  }

  /** Removes typists whose stop never arrived; every 6 s, because each removal looks at all rooms. */
  #sweep(now: number): void {
    this.#sweepAt = now + TYPING_TTL_MS;
    for (const [roomId, typists] of this.#typists) {
      for (const [userId, until] of typists) {
        if (until > now) break;
        typists.delete(userId);
      }
      if (typists.size === 0) this.#typists.delete(roomId);
    }
  }

  #hear(notice: Notice): void {
    if (!isRoomNotice(notice)) return;
    for (const event of notice.events) {
      if (event.type === "message_sent") this.#stopPerson(notice.streamId, event.by);
      else if (event.type === "member_left") this.#stopPerson(notice.streamId, event.userId);
    }
  }

  #watch(connection: Connection): void {
    if (this.#watched.has(connection)) return;
    this.#watched.add(connection);
    connection.onClose(() => {
      for (const entry of this.#entries.values()) if (entry.sourceKey === connection.id) this.#stop(entry);
    });
  }

  #add(entry: TypingEntry): void {
    this.#entries.set(entry.key, entry);
    const people = this.#byRoom.getOrInsertComputed(entry.roomId, () => new Map());
    people.getOrInsertComputed(entry.userId, () => new Set()).add(entry);
    this.#alarm.set(entry.until);
  }

  #remove(entry: TypingEntry): void {
    this.#entries.delete(entry.key);
    const people = this.#byRoom.get(entry.roomId);
    const devices = people?.get(entry.userId);
    devices?.delete(entry);
    if (devices?.size === 0) people?.delete(entry.userId);
    if (people?.size === 0) this.#byRoom.delete(entry.roomId);
  }

  /** Ends typing on one device; sent only if the person types on no other device in the room. */
  #stop(entry: TypingEntry): void {
    this.#remove(entry);
    const { roomId, userId } = entry;
    if (this.#isTypingHere(roomId, userId)) return;
    this.#signals.send(SIGNALS.typing, roomId, { userId, isTyping: false });
  }

  #stopPerson(roomId: RoomId, userId: UserId): void {
    for (const entry of this.#byRoom.get(roomId)?.get(userId) ?? []) this.#stop(entry);
  }

  #expire(): void {
    const now = this.#now();
    for (const entry of this.#entries.values()) {
      if (entry.until > now) return this.#alarm.set(entry.until);
      this.#stop(entry);
    }
  }
}
