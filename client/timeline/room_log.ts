import type { RoomEvent } from "../../shared/event.ts";
import type { Message } from "../../shared/message.ts";
import { formatPosition, parsePosition } from "../../shared/position.ts";
import { messageAfter } from "../../shared/reactions.ts";
import type { Outputs } from "../net/trpc.ts";
import type { SystemEvent } from "./grouping.ts";
import { covers, EMPTY_WINDOW, entryAt, joinPage, putEntry, trimWindow } from "./message_window.ts";
import type { MessageWindow, WindowEntry } from "./message_window.ts";
import { OffsetRanges } from "./offset_ranges.ts";
import type { OffsetRange } from "./offset_ranges.ts";

/** One page of messages, oldest first. */
export type MessagePage = Outputs["messages"]["list"];

const RECENT_MAX_COUNT = 500;
const SYSTEMS_MAX_COUNT = 200;

/**
 * What a client knows of one room's log. The only place where that changes.
 *
 * Events may come doubled, late and in any order: each carries its message's current state, so the one
 * with the highest offset holds, and the outcome is the same; only reactions too large to be sent again come as
 * changes. What has not arrived is known as holes.
 */
export class RoomLog {
  #epoch = "";
  /** Every event up to here is in. */
  #through = 0;
  /** Offsets that came before those below them. */
  #ahead = new OffsetRanges();
  #window: MessageWindow = EMPTY_WINDOW;
  /** Latest states by message, the freshest last: a page that was read before an event may arrive after it. */
  #recent = new Map<number, WindowEntry>();
  /** Highest version that `#recent` has let go. */
  #recentFloor = 0;
  #systems = new Map<number, SystemEvent>();

  /** The messages that are loaded. */
  get window(): MessageWindow {
    return this.#window;
  }

  /** Every event up to this offset is in. */
  get through(): number {
    return this.#through;
  }

  /** Where a subscription goes on: nothing after it is taken for granted. */
  get position(): string {
    return formatPosition({ epoch: this.#epoch, offset: this.#through });
  }

  /** The life of the log; empty before the first page. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Joins, leaves and the like that have come while this log was watched, oldest first. */
  get systems(): readonly SystemEvent[] {
    return [...this.#systems.values()].sort((a, b) => a.offset - b.offset);
  }

  /** Offsets that are missing below the highest one that came. */
  get holes(): readonly OffsetRange[] {
    let before = this.#through;
    return this.#ahead.ranges.map(({ from, to }) => {
      const hole = { from: before + 1, to: from - 1 };
      before = to;
      return hole;
    });
  }

  /** Starts over from a page: the first one, a jump, or after a resync. */
  reset(page: MessagePage): void {
    const { epoch, offset } = positionOf(page);
    const isSameLife = epoch === this.#epoch;
    this.#window = EMPTY_WINDOW;
    if (isSameLife && offset <= this.#through) {
      // Events have overtaken the page: they still hold.
      this.#attach(page);
      return;
    }
    if (!isSameLife) this.#forgetLife();
    this.#epoch = epoch;
    this.#through = offset;
    this.#closeUp();
    this.#attach(page);
  }

  /** Says whether a page is of this life of the log; if not, only `reset` makes sense of it. */
  accepts(page: MessagePage): boolean {
    return positionOf(page).epoch === this.#epoch;
  }

  /** Adds a page next to the window; false when what came meanwhile is forgotten and one more is needed. */
  join(page: MessagePage, side: "older" | "newer"): boolean {
    const entries = this.#freshEntries(page);
    if (side === "older") {
      this.#window = joinPage(this.#window, entries, { hasOlder: page.hasOlder });
      return true;
    }
    this.#window = joinPage(this.#window, entries, { hasNewer: page.hasNewer });
    return this.#takeRecent(page);
  }

  /** Takes in one event. True when it is new, false for one that was in already. */
  apply(event: RoomEvent): boolean {
    const isNew = event.offset > this.#through && !this.#ahead.has(event.offset);
    if (isNew) {
      this.#ahead.add(event.offset);
      this.#closeUp();
    }
    if ("message" in event) {
      const known = this.find(event.messageOffset);
      // A part of what nobody knows here is nothing to show: its page brings the whole.
      if (known !== null || event.isWithoutReactions !== true) {
        this.#put({ message: messageAfter(event, known), version: event.offset });
      }
    } else if (event.type !== "member_role_changed") {
      this.#systems.set(event.offset, event);
      if (this.#systems.size > SYSTEMS_MAX_COUNT) this.#systems.delete(Math.min(...this.#systems.keys()));
    }
    return isNew;
  }

  /** Takes in the answer to a send, which may come before its event. */
  acknowledge(message: Message): void {
    this.#put({ message, version: message.offset });
  }

  /** Drops messages at one end of the window. */
  trim(end: "oldest" | "newest", count: number): void {
    this.#window = trimWindow(this.#window, end, count);
  }

  /** Gives the latest known state of a message, loaded or only heard of. */
  find(offset: number): Message | null {
    return (entryAt(this.#window, offset) ?? this.#recent.get(offset))?.message ?? null;
  }

  #forgetLife(): void {
    this.#ahead = new OffsetRanges();
    this.#recent.clear();
    this.#recentFloor = 0;
    this.#systems.clear();
  }

  #put(entry: WindowEntry): void {
    const offset = entry.message.offset;
    const known = this.#recent.get(offset);
    if (known === undefined || known.version < entry.version) {
      this.#recent.delete(offset);
      this.#recent.set(offset, entry);
      this.#forgetOldest();
    }
    this.#window = putEntry(this.#window, entry);
  }

  #forgetOldest(): void {
    if (this.#recent.size <= RECENT_MAX_COUNT) return;
    for (const [offset, { version }] of this.#recent) {
      this.#recent.delete(offset);
      this.#recentFloor = Math.max(this.#recentFloor, version);
      return;
    }
  }

  #closeUp(): void {
    this.#through = this.#ahead.takeFrom(this.#through);
  }

  #attach(page: MessagePage): void {
    this.#window = joinPage(EMPTY_WINDOW, this.#freshEntries(page), page);
    this.#takeRecent(page);
  }

  /** A page's messages, each in the newest state that is known. */
  #freshEntries(page: MessagePage): WindowEntry[] {
    const version = positionOf(page).offset;
    return page.messages.map((message) => {
      const known = this.#recent.get(message.offset);
      return known !== undefined && known.version > version ? known : { message, version };
    });
  }

  /** Adds live messages that came while the last page was on its way; false when some are forgotten. */
  #takeRecent(page: MessagePage): boolean {
    if (this.#window.hasNewer) return true;
    for (const entry of this.#recent.values()) {
      if (covers(this.#window, entry.message.offset)) this.#window = putEntry(this.#window, entry);
    }
    const isWhole = positionOf(page).offset >= this.#recentFloor;
    if (!isWhole) this.#window = { ...this.#window, hasNewer: true };
    return isWhole;
  }
}

function positionOf(page: MessagePage): { epoch: string; offset: number } {
  return parsePosition(page.position) ?? { epoch: "", offset: 0 };
}
