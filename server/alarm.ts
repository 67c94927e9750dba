/** Timers of the platform overflow after 24.8 days; waking now and then for nothing costs nothing. */
const SLEEP_MAX_MS = 3_600_000;

/** One timer for many deadlines: rings at the earliest time that was asked for, then forgets all. */
export class Alarm {
  readonly #now: () => number;
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #at = Infinity;

  /** Makes an alarm that is not set; `ring` must not throw and sets it again where more is to come. */
  constructor(now: () => number, ring: () => void) {
    this.#now = now;
    this.#ring = ring;
  }

  /** Rings at `at` (epoch milliseconds) unless something earlier was asked for; `Infinity` asks for nothing. */
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

  /** Forgets what was asked for. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#at = Infinity;
  }
}
