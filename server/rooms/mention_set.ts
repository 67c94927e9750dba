import { MENTIONS_SHOWN_COUNT } from "../../shared/limits.ts";

/** Unread messages that mention a person, or missed calls: the oldest ones, up to the number that is shown. */
export class MentionSet {
  readonly #offsets: Set<number>;
  #isComplete: boolean;

  /** Takes the oldest ones; `isComplete` is false if there may be more. */
  constructor(offsets: readonly number[] = [], isComplete = true) {
    this.#offsets = new Set(offsets.slice(0, MENTIONS_SHOWN_COUNT));
    this.#isComplete = isComplete && offsets.length < MENTIONS_SHOWN_COUNT;
  }

  /** Number of mentions, up to the number that is shown. */
  get count(): number {
    return this.#offsets.size;
  }

  /** True if mentions were removed and others that are not in the set would take their place: list them again. */
  get isStale(): boolean {
    return !this.#isComplete && this.#offsets.size < MENTIONS_SHOWN_COUNT;
  }

  /** Adds a message. */
  add(offset: number): void {
    if (this.#offsets.size < MENTIONS_SHOWN_COUNT) this.#offsets.add(offset);
    else if (!this.#offsets.has(offset)) this.#isComplete = false;
  }

  /** Removes a message. */
  delete(offset: number): void {
    this.#offsets.delete(offset);
  }

  /** Removes the messages up to `readOffset`. */
  dropUpTo(readOffset: number): void {
    for (const offset of this.#offsets) if (offset <= readOffset) this.#offsets.delete(offset);
  }
}
