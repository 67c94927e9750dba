/** How long a value is good, however many ask for it. */
const FRESH_MS = 1_000;

/** A value that is made at most once a second while nothing changes, for all who ask. */
export class FreshValue<T> {
  readonly #make: () => T;
  /** Epoch time in milliseconds. */
  readonly #now: () => number;
  #kept: { readonly value: T; readonly madeAt: number } | null = null;

  constructor(make: () => T, now: () => number) {
    this.#make = make;
    this.#now = now;
  }

  /** The value as of now or of less than a second ago. */
  get(): T {
    const at = this.#now();
    if (this.#kept === null || Math.abs(at - this.#kept.madeAt) >= FRESH_MS) {
      this.#kept = { value: this.#make(), madeAt: at };
    }
    return this.#kept.value;
  }

  /** Makes it anew for the next who asks; called after each change of what it is made of. */
  drop(): void {
    this.#kept = null;
  }
}
