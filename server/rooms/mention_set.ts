import { MENTIONS_SHOWN_COUNT } from "../../shared/limits.ts";

/** The messages that mention somebody and are not read yet: the oldest ones, no more than are ever shown. */
export class MentionSet {
  readonly #offsets: Set<number>;
  #isComplete: boolean;

  /** Takes the oldest of them; as many as are shown means that there may be more. */
  constructor(offsets: readonly number[] = []) {
    this.#offsets = new Set(offsets.slice(0, MENTIONS_SHOWN_COUNT));
    this.#isComplete = offsets.length < MENTIONS_SHOWN_COUNT;
  }

  /** How many there are, up to what is shown. */
  get count(): number {
    return this.#offsets.size;
  }

  /** True when it has to be listed again: some left, and others that were never listed would take their place. */
  get isStale(): boolean {
    return !this.#isComplete && this.#offsets.size < MENTIONS_SHOWN_COUNT;
  }

  /** Adds a message. */
  add(offset: number): void {
    if (this.#offsets.size < MENTIONS_SHOWN_COUNT) this.#offsets.add(offset);
    else if (!this.#offsets.has(offset)) this.#isComplete = false;
  }

  /** Takes a message out that no longer mentions. */
  delete(offset: number): void {
    this.#offsets.delete(offset);
  }

  /** Takes everything out that has been read. */
  dropUpTo(readOffset: number): void {
    for (const offset of this.#offsets) if (offset <= readOffset) this.#offsets.delete(offset);
  }
}
