import { isMessageEvent } from "../../shared/event.ts";
import type { RoomEvent } from "../../shared/event.ts";
import type { Message } from "../../shared/message.ts";
import { formatPosition, parsePosition } from "../../shared/position.ts";
import type { Position } from "../../shared/position.ts";
import { messageAfter } from "../../shared/reactions.ts";
import type { SystemEvent } from "./grouping.ts";
import { OffsetRanges } from "./offset_ranges.ts";
import type { OffsetRange } from "./offset_ranges.ts";

/** A message, in a state at least as new as the event at offset `version`. */
export interface Versioned {
  readonly message: Message;
  readonly version: number;
}

/** A part of the room's messages that is kept up to date, such as `MessageWindow`. */
export interface PositionWindow {
  find(offset: number): Versioned | null;
  /** A message was sent or has changed. */
  put(entry: Versioned): void;
}

const RECENT_MAX_COUNT = 500;
const SYSTEMS_MAX_COUNT = 200;

/**
 * Which events of a room's stream have arrived. Windows attached to it receive every change.
 *
 * Events may arrive twice, late and in any order. Each carries the current state of its message, so the one with the
 * highest offset counts and the result is the same; only reactions that are too large to repeat arrive as changes.
 * Events that are missing are known as holes.
 */
export class RoomPosition {
  #epoch = "";
  #through = 0;
  /** Offsets that arrived before lower ones. */
  #ahead = new OffsetRanges();
  /** Latest states by message, the newest last: a page read before an event may arrive after it. */
  #recent = new Map<number, Versioned>();
  /** The highest version that was dropped from `#recent`. */
  #recentFloor = 0;
  #systems = new Map<number, SystemEvent>();
  readonly #windows = new Set<PositionWindow>();

  /** Changes when the stream starts over; empty before the first page. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Every event up to this offset has arrived. */
  get through(): number {
    return this.#through;
  }

  /** Where a subscription continues. */
  get formatted(): string {
    return formatPosition({ epoch: this.#epoch, offset: this.#through });
  }

  /** Joins, changes of roles and the like that arrived, oldest first. */
  get systems(): readonly SystemEvent[] {
    return [...this.#systems.values()].sort((a, b) => a.offset - b.offset);
  }

  /** Offsets that are missing below the highest one that arrived. */
  get holes(): readonly OffsetRange[] {
    let before = this.#through;
    return this.#ahead.ranges.map(({ from, to }) => {
      const hole = { from: before + 1, to: from - 1 };
      before = to;
      return hole;
    });
  }

  /** Messages that were sent or changed lately. */
  get recent(): Iterable<Versioned> {
    return this.#recent.values();
  }

  /** Whether `recent` has every change after a position. */
  hasAllSince(position: string): boolean {
    return parse(position).offset >= this.#recentFloor;
  }

  /** Keeps a window up to date until the returned function is called. */
  attach(window: PositionWindow): () => void {
    this.#windows.add(window);
    return () => void this.#windows.delete(window);
  }

  /** Whether a page at this position is of the same stream; if not, only `startAt` can use it. */
  accepts(position: string): boolean {
    return parse(position).epoch === this.#epoch;
  }

  /** Continues from a page: the first one, a jump, or after a resync. */
  startAt(position: string): void {
    const { epoch, offset } = parse(position);
    // Events have overtaken the page, and still count.
    if (epoch === this.#epoch && offset <= this.#through) return;
    if (epoch !== this.#epoch) {
      this.#ahead = new OffsetRanges();
      this.#recent.clear();
      this.#recentFloor = 0;
      this.#systems.clear();
    }
    this.#epoch = epoch;
    this.#through = this.#ahead.takeFrom(offset);
  }

  /** Applies an event; false if it had already arrived. */
  apply(event: RoomEvent): boolean {
    const isNew = event.offset > this.#through && !this.#ahead.has(event.offset);
    if (isNew) {
      this.#ahead.add(event.offset);
      this.#through = this.#ahead.takeFrom(this.#through);
    }
    if (isMessageEvent(event)) {
      const known = this.find(event.messageOffset);
      // A partial state of an unknown message cannot be shown: its page brings the rest.
      if (known !== null || event.isWithoutReactions !== true) {
        this.#put({ message: messageAfter(event, known), version: event.offset });
      }
    } else {
      this.#systems.set(event.offset, event);
      if (this.#systems.size > SYSTEMS_MAX_COUNT) this.#systems.delete(Math.min(...this.#systems.keys()));
    }
    return isNew;
  }

  /** Applies the answer to a send, which may arrive before its event. */
  acknowledge(message: Message): void {
    this.#put({ message, version: message.offset });
  }

  /** Returns the latest known state of a message. */
  find(offset: number): Message | null {
    for (const window of this.#windows) {
      const entry = window.find(offset);
      if (entry !== null) return entry.message;
    }
    return this.#recent.get(offset)?.message ?? null;
  }

  /** Returns the messages of a page, each in its latest known state. */
  update(messages: readonly Message[], position: string): Versioned[] {
    const version = parse(position).offset;
    return messages.map((message) => {
      const known = this.#recent.get(message.offset);
      return known !== undefined && known.version > version ? known : { message, version };
    });
  }

  #put(entry: Versioned): void {
    const { offset } = entry.message;
    const known = this.#recent.get(offset);
    if (known === undefined || known.version < entry.version) {
      this.#recent.delete(offset);
      this.#recent.set(offset, entry);
      this.#dropOldest();
    }
    for (const window of this.#windows) window.put(entry);
  }

  #dropOldest(): void {
    if (this.#recent.size <= RECENT_MAX_COUNT) return;
    for (const [offset, { version }] of this.#recent) {
      this.#recent.delete(offset);
      this.#recentFloor = Math.max(this.#recentFloor, version);
      return;
    }
  }
}

function parse(position: string): Position {
  return parsePosition(position) ?? { epoch: "", offset: 0 };
}
