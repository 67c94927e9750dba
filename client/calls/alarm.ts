/** A timer that is set again and again. */
export class Alarm {
  readonly #now: () => number;
  readonly #onRing: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(now: () => number, onRing: () => void) {
    this.#now = now;
    this.#onRing = onRing;
  }

  /** Rings at this time instead of the former one; never if it is null. */
  set(at: number | null): void {
    clearTimeout(this.#timer);
    if (at !== null) this.#timer = setTimeout(this.#onRing, Math.max(0, at - this.#now()));
  }
}
