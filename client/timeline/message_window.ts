import type { Message } from "../../shared/message.ts";
import type { MessagePage } from "./page_reader.ts";
import type { PositionWindow, RoomPosition, Versioned } from "./room_position.ts";

/** A consecutive part of a list of messages, oldest first: of a room, or of some of its messages such as a thread. */
export class MessageWindow implements PositionWindow, Disposable {
  readonly #position: RoomPosition;
  readonly #includes: (message: Message) => boolean;
  readonly #detach: () => void;
  #entries: readonly Versioned[] = [];
  #hasOlder = false;
  #hasNewer = false;

  /** Makes an empty window that follows the room; `includes` selects its messages among those of the room. */
  constructor(position: RoomPosition, includes: (message: Message) => boolean = () => true) {
    this.#position = position;
    this.#includes = includes;
    this.#detach = position.attach(this);
  }

  /** The messages that are loaded. */
  get entries(): readonly Versioned[] {
    return this.#entries;
  }

  /** Whether more messages precede the first entry. */
  get hasOlder(): boolean {
    return this.#hasOlder;
  }

  /** Whether more messages follow the last entry; new ones are not added then. */
  get hasNewer(): boolean {
    return this.#hasNewer;
  }

  /** Replaces everything by a page. */
  reset(page: MessagePage): void {
    this.#entries = [];
    this.#hasOlder = page.hasOlder;
    this.join(page, "newer");
  }

  /** Adds an adjacent page; false if one more is needed, since changes in the meantime were forgotten. */
  join(page: MessagePage, side: "older" | "newer"): boolean {
    const byOffset = new Map(this.#entries.map((entry) => [entry.message.offset, entry]));
    for (const entry of this.#position.update(page.messages, page.position)) {
      const known = byOffset.get(entry.message.offset);
      if (known === undefined || known.version < entry.version) byOffset.set(entry.message.offset, entry);
    }
    this.#entries = [...byOffset.values()].sort((a, b) => a.message.offset - b.message.offset);
    if (side === "older") this.#hasOlder = page.hasOlder;
    else this.#hasNewer = page.hasNewer;
    return side === "older" || this.#hasNewer || this.#addRecent(page.position);
  }

  /** Adds a message, or updates it; an older state never replaces a newer one. */
  put(entry: Versioned): void {
    const { message, version } = entry;
    const index = this.#indexOf(message.offset);
    const known = this.#entries[index];
    if (known?.message.offset === message.offset) {
      if (known.version < version) this.#entries = this.#entries.with(index, entry);
    } else if (this.#covers(message.offset) && this.#includes(message)) {
      this.#entries = this.#entries.toSpliced(index, 0, entry);
    }
  }

  /** Removes messages at one end; they can be loaded again. */
  trim(end: "oldest" | "newest", count: number): void {
    if (count <= 0) return;
    if (end === "oldest") this.#hasOlder = true;
    else this.#hasNewer = true;
    this.#entries = end === "oldest" ? this.#entries.slice(count) : this.#entries.slice(0, -count);
  }

  /** Returns the message at an offset if it is loaded. */
  find(offset: number): Versioned | null {
    const entry = this.#entries[this.#indexOf(offset)];
    return entry?.message.offset === offset ? entry : null;
  }

  /** Stops following the room. */
  [Symbol.dispose](): void {
    this.#detach();
  }

  /** Whether a message at `offset` would lie within the window, or next to it at an end where nothing is missing. */
  #covers(offset: number): boolean {
    const first = this.#entries[0];
    const last = this.#entries.at(-1);
    if (first === undefined || last === undefined) return !this.#hasOlder && !this.#hasNewer;
    if (offset < first.message.offset) return !this.#hasOlder;
    return offset <= last.message.offset || !this.#hasNewer;
  }

  /** The index of `offset`, or where it would be inserted. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && entry.message.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds messages that arrived while the last page was loading; false if some were forgotten. */
  #addRecent(position: string): boolean {
    for (const entry of this.#position.recent) this.put(entry);
    const isComplete = this.#position.hasAllSince(position);
    this.#hasNewer = !isComplete;
    return isComplete;
  }
}
