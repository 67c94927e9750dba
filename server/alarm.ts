/** Timers overflow after 24.8 days, and an occasional early wake-up costs nothing. */
const SLEEP_MAX_MS = 3_600_000;

/** One timer for many deadlines. It rings at the earliest requested time, then forgets all others. */
export class Alarm {
  readonly #now: () => number;
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #at = Infinity;

  /** `ring` must not throw, and sets the alarm again if there are further deadlines. */
  constructor(now: () => number, ring: () => void) {
    this.#now = now;
    this.#ring = ring;
  }

  /** Rings at `at` (epoch milliseconds), unless an earlier time was requested; `Infinity` does nothing. */
  set(at: number): void {
    if (at >= this.#at) return;
    this.stop();
    this.#at = at;
    const delay = Math.min(Math.max(0, at - this.#now()), SLEEP_MAX_MS);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#at = Infinity;
      this.#ring();
    }, delay);
  }

  /** Cancels the alarm. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#at = Infinity;
  }
}
