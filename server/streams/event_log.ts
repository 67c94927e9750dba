import type { RoomId, UserId } from "../../shared/ids.ts";
import type { RoomEvent, RoomEventBody } from "../../shared/event.ts";
import type { RoomRole } from "../../shared/room.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { Feed, StreamPointer } from "./feed.ts";
import { StreamWriter } from "./stream_writer.ts";

/** Streams whose head stays in memory; the longest unused one is forgotten first. */
const WRITERS_MAX_COUNT = 10_000;
/** Beyond this many they are read again. */
const RESTING_HEADS_MAX_COUNT = 20_000;
const NO_HEAD: StreamHead = { offset: 0, messageCount: 0 };

/** How far a stream is: its last offset, and how many messages `messages.list` shows of it. */
export interface StreamHead {
  readonly offset: number;
  readonly messageCount: number;
}

/** What is kept of an event. It holds no text: the message's own row has the current state. */
export interface EventRow {
  readonly type: RoomEventBody["type"];
  readonly by: UserId;
  readonly at: string;
  readonly messageOffset?: number;
  readonly userId?: UserId;
  readonly role?: RoomRole;
  /** Of whose choice: `by`. */
  readonly reaction?: { readonly emoji: string; readonly on: boolean };
}

/** An event row and its place. */
export interface LoggedRow {
  readonly offset: number;
  readonly row: EventRow;
}

/** The place that an event is about to get. */
export interface Slot {
  readonly offset: number;
  /** The stream's message count with this event, if it counts as a message. */
  readonly ordinal: number;
  readonly at: string;
  /** False when another instance may have changed the stream without this one having heard of it yet. */
  readonly isHeard: boolean;
}

/** What a draft writes beside its event row, all in the same commit. */
export interface Built {
  /** The event as it is delivered live. */
  readonly body: RoomEventBody;
  readonly sets?: readonly (readonly [key: Deno.KvKey, value: unknown])[];
  readonly deletes?: readonly Deno.KvKey[];
  /** When one does not hold, `build` runs again; so read what you check inside `build`. */
  readonly checks?: readonly Deno.AtomicCheck[];
  /** True for what `messages.list` shows and `unread` counts. */
  readonly countsAsMessage?: boolean;
}

/** An event that wants to be appended. */
export interface Draft {
  readonly by: UserId;
  /** Holds `{offset}` of the first append with this key, for ever; a second append gives that offset. */
  readonly dedupeKey?: Deno.KvKey;
  /** Drafts with a target in common never share a commit: for all rows that one reads and the other may write. */
  readonly targets?: readonly string[];
  /** Makes the rows for a slot. May run several times; what it throws fails this draft alone. */
  build(slot: Slot): Built | Promise<Built>;
}

/** The event as appended, or where the first append with the same dedupe key stands. */
export type Appended =
  | { readonly isDuplicate: false; readonly event: RoomEvent }
  | { readonly isDuplicate: true; readonly offset: number };

/** What the event log works with. */
export interface EventLogOptions {
  readonly db: Database;
  readonly feed: Feed;
  /** Random id of the database's life. */
  readonly epoch: string;
  /** Gives what is kept of an event. */
  readonly toRow: (
    body: RoomEventBody,
    place: { readonly by: UserId; readonly at: string },
  ) => EventRow;
  /** Turns rows into events with the current state of their messages. */
  readonly materialize: (roomId: RoomId, rows: readonly LoggedRow[]) => Promise<RoomEvent[]>;
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
}

/**
 * The durable, ordered log of every room.
 *
 * Guarantees: offsets are 1, 2, 3 … without gaps, given in the same atomic commit as the event and all its rows;
 * `append` resolves after the commit, and only then is the event published, in the order of offsets. An append with
 * a dedupe key happens once, however often it is tried. A rejected append may still have happened; only a retry with
 * the same dedupe key tells.
 */
export class EventLog {
  /** Random id of the database's life, the first half of every position. */
  readonly epoch: string;
  readonly #options: Required<EventLogOptions>;
  readonly #writers = new Map<RoomId, StreamWriter>();
  /** Heads of streams without a writer: where nobody else writes, they stay as they were read. */
  readonly #restingHeads = new Map<RoomId, StreamHead>();
  /** Counts writers that came or went; a head read meanwhile may be an old one. */
  #writersVersion = 0;

  /** Works on `db` and publishes to `feed`. */
  constructor(options: EventLogOptions) {
    this.#options = { now: Date.now, ...options };
    this.epoch = options.epoch;
  }

  /** Appends one event; a stream begins with its first. */
  append(roomId: RoomId, draft: Draft): Promise<Appended> {
    return this.#writerOf(roomId).append(draft);
  }

  /** Takes note of what the feed says was appended: publishes it here, and knows the head without a read. */
  async observe(pointer: StreamPointer, versionstamp: string, isOwn: boolean): Promise<void> {
    await this.#writerOf(pointer.roomId).observe(pointer, versionstamp, isOwn);
  }

  /** Gives the head as of now; offset 0 for a stream that has not begun. */
  async head(roomId: RoomId): Promise<StreamHead> {
    return (await this.heads([roomId])).get(roomId) ?? NO_HEAD;
  }

  /** Gives the heads of streams as of now, in one read for all that are not known. */
  async heads(roomIds: readonly RoomId[]): Promise<Map<RoomId, StreamHead>> {
    const heads = new Map<RoomId, StreamHead>();
    const missing: RoomId[] = [];
    for (const roomId of roomIds) {
      const known = this.#knownHead(roomId);
      if (known === null) missing.push(roomId);
      else heads.set(roomId, known);
    }
    if (missing.length === 0) return heads;
    const version = this.#writersVersion;
    const rows = await this.#options.db.getMany<StreamHead>(missing.map((id) => keys.streamHead(id)));
    for (const [index, roomId] of missing.entries()) {
      const head = rows[index]?.value ?? NO_HEAD;
      heads.set(roomId, head);
      if (version === this.#writersVersion) this.#keepRestingHead(roomId, head);
    }
    return heads;
  }

  /** Reads at most `limit` rows after an offset, oldest first, and the head from before the read. */
  async read(roomId: RoomId, after: number, limit: number): Promise<{ rows: LoggedRow[]; head: StreamHead }> {
    const head = await this.head(roomId);
    if (head.offset <= after) return { rows: [], head };
    const entries = await this.#options.db.list<EventRow>(keys.events(roomId), {
      limit,
      start: keys.event(roomId, after + 1),
    });
    const rows = entries.map((entry) => ({ offset: Number(entry.key.at(-1)), row: entry.value }));
    return { rows, head };
  }

  /** Resolves when nothing waits to be committed. */
  async drained(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.drained()));
  }

  #knownHead(roomId: RoomId): StreamHead | null {
    // What another instance has acknowledged must count here at once, before the feed brings it.
    if (this.#options.feed.isShared) return null;
    const writer = this.#writers.get(roomId);
    return writer === undefined ? this.#restingHeads.get(roomId) ?? null : writer.head;
  }

  #keepRestingHead(roomId: RoomId, head: StreamHead): void {
    if (this.#options.feed.isShared || this.#writers.has(roomId)) return;
    if (this.#restingHeads.size >= RESTING_HEADS_MAX_COUNT) this.#restingHeads.clear();
    this.#restingHeads.set(roomId, head);
  }

  #writerOf(roomId: RoomId): StreamWriter {
    let writer = this.#writers.get(roomId);
    // Taken out and put back, so that the map stays in the order of use.
    if (writer !== undefined) this.#writers.delete(roomId);
    else writer = this.#newWriter(roomId);
    this.#writers.set(roomId, writer);
    if (this.#writers.size > WRITERS_MAX_COUNT) this.#forgetOldest();
    return writer;
  }

  #newWriter(roomId: RoomId): StreamWriter {
    this.#writersVersion++;
    this.#restingHeads.delete(roomId);
    return new StreamWriter(roomId, this.#options);
  }

  #forgetOldest(): void {
    for (const [roomId, writer] of this.#writers) {
      if (writer.isIdle) {
        this.#writersVersion++;
        this.#writers.delete(roomId);
        return;
      }
    }
  }
}
