import { missedBy } from "../../shared/event.ts";
import type { RoomEvent, SystemEventBody } from "../../shared/event.ts";
import { GROUPING_MS } from "../../shared/limits.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";

/** An event that is shown as a line between messages. */
export type SystemEvent = Extract<RoomEvent, SystemEventBody>;

/** A row with a message. */
export interface MessageRow {
  readonly kind: "message";
  /** The same before and after the server has stored the message, so that its element stays. */
  readonly key: string;
  readonly message: Message;
  /** Null until the server has assigned one. */
  readonly offset: number | null;
  /** Whether the author's avatar and name are shown above it. */
  readonly isFirst: boolean;
  readonly state: "kept" | "waiting" | "failed";
  /** Why it failed, as a sentence; null otherwise. */
  readonly problem: string | null;
}

/** The event that ends a call. */
export type CallEndedEvent = Extract<SystemEvent, { type: "call_ended" }>;

/** A row with what happened in the room. A call has one row for its start and its end. */
export interface SystemRow {
  readonly kind: "system";
  readonly key: string;
  readonly event: SystemEvent;
  /** The end of the call that `event` started; null otherwise. */
  readonly end: CallEndedEvent | null;
}

/** One row of a timeline. */
export type TimelineRow =
  | MessageRow
  | { readonly kind: "day"; readonly key: string; readonly at: string }
  | { readonly kind: "unread"; readonly key: string; readonly count: number }
  | { readonly kind: "gap"; readonly key: string; readonly from: number; readonly to: number }
  | SystemRow;

/** A message in the outbox: waiting, or refused by the server. */
export interface PendingMessage {
  readonly message: Message;
  readonly problem: string | null;
}

/** The sources of rows. */
export interface RowSources {
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  readonly systems: readonly SystemEvent[];
  readonly holes: readonly { readonly from: number; readonly to: number }[];
  /** In the order in which they will be sent. */
  readonly pending: readonly PendingMessage[];
  /** Messages up to `after` were read when the room was opened. */
  readonly divider: { readonly after: number; readonly count: number } | null;
  readonly me: UserId;
  /** Returns the local date of a time, such as "2026-03-29". */
  readonly dayOf: (at: string) => string;
}

/** Returns the key of a message's row, which is known before its offset. */
export function rowKey(message: Message): string {
  return `${message.by}:${message.clientMessageId}`;
}

/** Combines messages, days, the divider, gaps and system events into one list. */
export function buildRows(sources: RowSources): TimelineRow[] {
  const rows = new RowBuilder(sources);
  const kept = new Set<string>();
  for (const item of itemsInOrder(sources)) {
    if (item.kind === "gap") rows.addGap(item.from, item.to);
    else if (item.kind === "system") rows.addSystem(item.event, item.end);
    else {
      kept.add(rowKey(item.message));
      rows.addMessage(item.message, { offset: item.message.offset, state: "kept", problem: null });
    }
  }
  for (const { message, problem } of sources.pending) {
    if (kept.has(rowKey(message))) continue;
    rows.addMessage(message, { offset: null, state: problem === null ? "waiting" : "failed", problem });
  }
  return rows.rows;
}

/** Keeps the old object of each row that looks the same, so that views can skip it. */
export function reuseRows(before: readonly TimelineRow[], after: readonly TimelineRow[]): TimelineRow[] {
  const known = new Map(before.map((row) => [row.key, row]));
  return after.map((row) => {
    const old = known.get(row.key);
    return old !== undefined && isSameRow(old, row) ? old : row;
  });
}

type Item =
  | { readonly kind: "message"; readonly at: number; readonly message: Message }
  | ({ readonly kind: "system"; readonly at: number } & Pick<SystemRow, "event" | "end">)
  | { readonly kind: "gap"; readonly at: number; readonly from: number; readonly to: number };

function itemsInOrder(sources: RowSources): Item[] {
  const { messages, hasOlder, hasNewer } = sources;
  const from = hasOlder ? messages[0]?.offset ?? Infinity : 0;
  const to = hasNewer ? messages.at(-1)?.offset ?? 0 : Infinity;
  const isInside = ({ at }: Item) => at >= from && at <= to;
  const items: Item[] = messages.map((message) => ({ kind: "message", at: message.offset, message }));
  const systems = systemItems(sources.systems);
  const holes: Item[] = sources.holes.map((hole) => ({ kind: "gap", at: hole.from, ...hole }));
  if (systems.length === 0 && holes.length === 0) return items;
  return [...items, ...systems.filter(isInside), ...holes.filter(isInside)].sort((a, b) => a.at - b.at);
}

/** A call that has ended is shown where it started, if that is known. */
function systemItems(events: readonly SystemEvent[]): Item[] {
  const started = new Set<string>();
  const ended = new Map<string, CallEndedEvent>();
  for (const event of events) {
    if (event.type === "call_started") started.add(event.callId);
    else if (event.type === "call_ended") ended.set(event.callId, event);
  }
  return events
    .filter((event) => event.type !== "call_ended" || !started.has(event.callId))
    .map((event) => ({
      kind: "system",
      at: event.offset,
      event,
      end: event.type === "call_started" ? ended.get(event.callId) ?? null : null,
    }));
}

class RowBuilder {
  readonly rows: TimelineRow[] = [];
  readonly #sources: RowSources;
  #day: string | null = null;
  readonly #days = new Set<string>();
  /** The message directly above, if nothing is between. */
  #above: Message | null = null;
  #hasRead: boolean;
  #isDivided = false;

  constructor(sources: RowSources) {
    this.#sources = sources;
    // If no older messages can be loaded, the first one after the read offset is the first unread one.
    this.#hasRead = !sources.hasOlder;
    // A day above the first message would move when older messages of that day are loaded.
    if (sources.hasOlder && sources.messages[0] !== undefined) {
      this.#day = sources.dayOf(sources.messages[0].at);
    }
  }

  addGap(from: number, to: number): void {
    this.rows.push({ kind: "gap", key: `gap:${from}`, from, to });
    this.#above = null;
  }

  addSystem(event: SystemEvent, end: CallEndedEvent | null): void {
    this.#startDay(event.at);
    const { me } = this.#sources;
    const last = end ?? event;
    if (last.type === "call_ended" && missedBy(last).includes(me)) this.#divide(last);
    this.rows.push({ kind: "system", key: `system:${event.offset}`, event, end });
    this.#above = null;
  }

  addMessage(message: Message, place: Pick<MessageRow, "offset" | "state" | "problem">): void {
    // This clock may be behind the server's: a waiting message is never shown as earlier than the one above.
    const isEarly = place.offset === null && this.#above !== null && message.at < this.#above.at;
    const at = isEarly ? this.#above?.at ?? message.at : message.at;
    this.#startDay(at);
    if (place.offset !== null) this.#divide(message);
    this.rows.push({
      kind: "message",
      key: rowKey(message),
      message,
      isFirst: this.#above === null || !isContinued(this.#above, message, at),
      ...place,
    });
    this.#above = isEarly ? { ...message, at } : message;
  }

  #startDay(at: string): void {
    const day = this.#sources.dayOf(at);
    if (day === this.#day) return;
    this.#day = day;
    this.#above = null;
    // If a clock stepped back, a day appears twice; keys must still be unique.
    this.rows.push({
      kind: "day",
      key: this.#days.has(day) ? `day:${day}:${this.rows.length}` : `day:${day}`,
      at,
    });
    this.#days.add(day);
  }

  #divide(message: Pick<Message, "offset" | "by">): void {
    const { divider, me } = this.#sources;
    if (divider === null || this.#isDivided) return;
    if (message.offset <= divider.after) {
      this.#hasRead = true;
    } else if (this.#hasRead && message.by !== me) {
      this.#isDivided = true;
      this.#above = null;
      this.rows.push({ kind: "unread", key: "unread", count: divider.count });
    }
  }
}

function isContinued(above: Message, message: Message, at: string): boolean {
  return above.by === message.by && message.replyTo === null &&
    Date.parse(at) - Date.parse(above.at) <= GROUPING_MS;
}

function isSameRow(a: TimelineRow, b: TimelineRow): boolean {
  const left = a as unknown as Record<string, unknown>;
  const right = b as unknown as Record<string, unknown>;
  return Object.keys(right).every((key) => left[key] === right[key]);
}
