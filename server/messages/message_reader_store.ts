import { isMessageEvent } from "../../shared/event.ts";
import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message, Reaction } from "../../shared/message.ts";
import type { Room } from "../../shared/room.ts";
import { PAGE_MAX_BYTES } from "../../shared/limits.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { jsonSize } from "../net/json_size.ts";
import { roomOf } from "../rooms/room_records.ts";
import type { RoomRow } from "../rooms/room_records.ts";
import { bodyOf } from "../rooms/room_stream.ts";
import type { LoggedRoomRow, MessageEventRow, RoomEventRow } from "../rooms/room_stream.ts";
import type { StreamHead } from "../streams/event_log.ts";
import { toMessage } from "./message_rows.ts";
import type { MessageRow, PlacedRow } from "./message_rows.ts";
import { bareSize, cutAround, rowSize } from "./message_sizes.ts";
import { bodyOfChange, leavesOutReactions } from "./reactions.ts";
import type { MessageChange } from "./reactions.ts";

/** Size of an event's offset, time, people and brackets, or of a whole event about the room or a person. */
const EVENT_OVERHEAD_BYTES = 512;
/** An id in a list, with its quotes and comma. */
const ID_BYTES = 19;

/** Which messages to list: the newest, unless one of the first three is set. */
export interface PageQuery {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly around?: number | undefined;
  readonly limit: number;
}

/** Consecutive messages, oldest first. */
export interface MessagePage {
  readonly messages: Message[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

interface Range {
  /** First offset, inclusive. */
  readonly from?: number;
  /** Last offset, exclusive. */
  readonly to: number;
  readonly limit: number;
  readonly reverse?: boolean;
}

/** Reads messages in their current state, and turns log rows into events with that state. */
export class MessageReaderStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Returns a message's row, or null. */
  async row(roomId: RoomId, offset: number): Promise<MessageRow | null> {
    return (await this.#db.get<MessageRow>(keys.message(roomId, offset))).value;
  }

  /** Returns a message in its current state, or null. */
  async get(roomId: RoomId, offset: number): Promise<Message | null> {
    const row = await this.row(roomId, offset);
    return row === null ? null : await this.complete(roomId, { offset, row });
  }

  /** Returns the message of a row, including reactions in rows of their own. */
  async complete(roomId: RoomId, placed: PlacedRow): Promise<Message> {
    const [message] = await this.#completeAll(roomId, [placed]);
    return message as Message;
  }

  /**
   * Lists messages up to a head; the newest page is one list call, however long the room is. A page with large
   * messages is shorter than requested.
   */
  async page(roomId: RoomId, head: StreamHead, query: PageQuery): Promise<MessagePage> {
    const rows = cutPage(await this.#pageRows(roomId, head.offset + 1, query), query);
    const [first, last] = [rows[0], rows.at(-1)];
    const messages = await this.#completeAll(roomId, rows);
    if (first === undefined || last === undefined) {
      const isBefore = query.before !== undefined;
      const isAfter = query.after !== undefined;
      const isEmpty = head.messageCount === 0;
      return { messages, hasOlder: isAfter && !isEmpty, hasNewer: isBefore && !isEmpty };
    }
    // Ordinals have no gaps, so the first and the last one tell whether there are more.
    return {
      messages,
      hasOlder: first.row.ordinal > 1,
      hasNewer: last.row.ordinal < head.messageCount,
    };
  }

  /** Returns the offset of the first message at or after a time, or of the last one; 0 if there are none. */
  async offsetAt(roomId: RoomId, head: StreamHead, time: string): Promise<number> {
    // Invariant: messages before `low` are older than the time; `found` and those behind it are not.
    let low = 1;
    let high = head.offset + 1;
    let found: number | null = null;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [next] = await this.#range(roomId, { from: middle, to: high, limit: 1 });
      if (next === undefined) high = middle;
      else if (next.row.at >= time) {
        found = next.offset;
        high = middle;
      } else low = next.offset + 1;
    }
    if (found !== null) return found;
    const [last] = await this.#range(roomId, { to: head.offset + 1, limit: 1, reverse: true });
    return last?.offset ?? 0;
  }

  /** Turns log rows into events with the current state of their message or room. */
  async materialize(roomId: RoomId, rows: readonly LoggedRoomRow[]): Promise<RoomEvent[]> {
    return (await this.materializeUpTo(roomId, rows, Infinity)).events;
  }

  /** Turns the first rows that fit into `maxBytes`, at least one, into events; also bounds the size of their JSON. */
  async materializeUpTo(
    roomId: RoomId,
    rows: readonly LoggedRoomRow[],
    maxBytes: number,
  ): Promise<{ events: RoomEvent[]; sizeBytes: number }> {
    const [placed, room] = await Promise.all([
      this.#messageRowsOf(roomId, rows),
      rows.some(({ row }) => row.type === "room_updated") ? this.#room(roomId) : null,
    ]);
    const sizeOf = ({ row }: LoggedRoomRow) => eventSize(row, placed);
    const kept = cutAround(rows, { start: 0, sizeOf, maxBytes });
    const wanted = new Set(kept.map(messageOffsetOf));
    const messages = await this.#completeAll(
      roomId,
      [...placed.values()].filter(({ offset }) => wanted.has(offset)),
    );
    const byOffset = new Map(messages.map((message) => [message.offset, message]));
    return {
      events: kept.map((logged) => toEvent(logged, byOffset, room)),
      sizeBytes: kept.reduce((sum, logged) => sum + sizeOf(logged), 0),
    };
  }

  async #pageRows(roomId: RoomId, to: number, query: PageQuery): Promise<PlacedRow[]> {
    const { before, after, around, limit } = query;
    if (after !== undefined) return await this.#range(roomId, { from: after + 1, to, limit });
    if (around !== undefined) return await this.#centred(roomId, Math.min(around, to), to, limit);
    const end = before === undefined ? to : Math.min(before, to);
    return await this.#range(roomId, { to: end, limit, reverse: true });
  }

  async #centred(roomId: RoomId, centre: number, to: number, limit: number): Promise<PlacedRow[]> {
    const [older, newer] = await Promise.all([
      this.#range(roomId, { to: centre, limit, reverse: true }),
      this.#range(roomId, { from: centre, to, limit }),
    ]);
    // Half of the page is before the centre; if one side is short, the other one fills the page.
    const newerCount = Math.min(newer.length, Math.max(Math.ceil(limit / 2), limit - older.length));
    return [...older.slice(-(limit - newerCount) || older.length), ...newer.slice(0, newerCount)];
  }

  async #range(roomId: RoomId, { from, to, limit, reverse = false }: Range): Promise<PlacedRow[]> {
    if (to <= (from ?? 1)) return [];
    const entries = await this.#db.list<MessageRow>(keys.messages(roomId), {
      limit,
      reverse,
      end: keys.message(roomId, to),
      ...(from === undefined ? {} : { start: keys.message(roomId, from) }),
    });
    const rows = entries.map(({ key, value }) => ({ offset: Number(key.at(-1)), row: value }));
    return reverse ? rows.reverse() : rows;
  }

  /** Messages of recent events are adjacent and read in one list; older ones are read by key. */
  async #messageRowsOf(roomId: RoomId, rows: readonly LoggedRoomRow[]): Promise<Map<number, PlacedRow>> {
    const [first, last] = [rows[0]?.offset ?? 0, rows.at(-1)?.offset ?? 0];
    const wanted = new Set(rows.map(messageOffsetOf).filter((offset) => offset !== null));
    const older = [...wanted].filter((offset) => offset < first);
    const [listed, entries] = await Promise.all([
      older.length === wanted.size
        ? []
        : this.#range(roomId, { from: first, to: last + 1, limit: rows.length }),
      this.#db.getMany<MessageRow>(older.map((offset) => keys.message(roomId, offset))),
    ]);
    const placed = listed.filter(({ offset }) => wanted.has(offset));
    for (const [index, entry] of entries.entries()) {
      if (entry.value !== null) placed.push({ offset: older[index] as number, row: entry.value });
    }
    return new Map(placed.map((row) => [row.offset, row]));
  }

  async #completeAll(roomId: RoomId, rows: readonly PlacedRow[]): Promise<Message[]> {
    const overflown = rows.flatMap(({ offset, row }) =>
      row.reactions.filter(({ userIds }) => userIds === null)
        .map(({ emoji }) => keys.reaction(roomId, offset, emoji))
    );
    const entries = overflown.length === 0 ? [] : await this.#db.getMany<UserId[]>(overflown);
    let index = 0;
    return rows.map((placed) => {
      const reactions = placed.row.reactions.map(({ emoji, userIds }): Reaction => ({
        emoji,
        userIds: userIds ?? entries[index++]?.value ?? [],
      }));
      return toMessage(roomId, placed, reactions.filter(({ userIds }) => userIds.length > 0));
    });
  }

  async #room(roomId: RoomId): Promise<Room | null> {
    const { value } = await this.#db.get<RoomRow>(keys.room(roomId));
    return value === null ? null : roomOf(roomId, value);
  }
}

/** Cuts a page to size, at the end farther from what was requested. */
function cutPage(rows: readonly PlacedRow[], { after, around }: PageQuery): PlacedRow[] {
  const centre = around === undefined ? -1 : rows.findIndex(({ offset }) => offset >= around);
  const start = after !== undefined ? 0 : centre >= 0 ? centre : rows.length - 1;
  return cutAround(rows, { start, sizeOf: ({ row }) => rowSize(row), maxBytes: PAGE_MAX_BYTES });
}

/** Returns an upper bound of an event's JSON: a message is repeated in each of its events. */
function eventSize(row: RoomEventRow, messages: ReadonlyMap<number, PlacedRow>): number {
  if (row.type === "call_ended") {
    const { userIds, rang = [], declined = [] } = row;
    return EVENT_OVERHEAD_BYTES + (userIds.length + rang.length + declined.length) * ID_BYTES;
  }
  if (row.type === "file_handed") return EVENT_OVERHEAD_BYTES + jsonSize(row.name);
  if (!isMessageEvent(row)) return EVENT_OVERHEAD_BYTES;
  const message = messages.get(row.messageOffset)?.row;
  if (message === undefined) return EVENT_OVERHEAD_BYTES;
  return EVENT_OVERHEAD_BYTES +
    (leavesOutReactions(row.type, message) ? bareSize(message) : rowSize(message));
}

/** Returns the message of an event; null if the event is not about one. */
function messageOffsetOf({ row }: LoggedRoomRow): number | null {
  return isMessageEvent(row) ? row.messageOffset : null;
}

function changeOf(row: MessageEventRow): MessageChange {
  if (row.type !== "reaction_changed") return { type: row.type };
  const { emoji, on } = row.reaction;
  return { type: row.type, reaction: { emoji, userId: row.by, on } };
}

function toEvent(
  { offset, row }: LoggedRoomRow,
  messages: ReadonlyMap<number, Message>,
  room: Room | null,
): RoomEvent {
  const place = { offset, at: row.at, by: row.by };
  if (!isMessageEvent(row)) return { ...place, ...bodyOf(row, room) };
  const message = messages.get(row.messageOffset);
  if (message === undefined) {
    throw new Error(`Cannot find message ${row.messageOffset} of event ${offset}`);
  }
  return { ...place, ...bodyOfChange(changeOf(row), message) };
}
