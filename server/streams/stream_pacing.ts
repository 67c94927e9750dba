/**
 * After a commit, the other instance that writes to the stream goes first: without this pause, two instances starve
 * each other (measured).
 */
const PAUSE_MIN_MS = 4;
const PAUSE_JITTER_MS = 6;
/** How long after its last append another instance counts as a writer of the stream. */
const SHARED_FOR_MS = 1_000;
/** Weight of the newest value in the mean duration of an attempt. */
const MEAN_WEIGHT = 0.25;

/** Decides how long the writer of a stream pauses for another instance that writes to it too. */
export class StreamPacing {
  /** When another instance last appended, in ms of the monotonic clock; before all times if none has. */
  #sharedAt = -Infinity;
  #committedAt = 0;
  /** Mean duration of an attempt to commit. */
  #attemptMs = 0;

  /** Another instance has appended. */
  foreignAppended(): void {
    this.#sharedAt = performance.now();
  }

  /** This instance has appended. */
  committed(): void {
    this.#committedAt = performance.now();
  }

  /** An attempt to commit has ended after `ms`, with or without a conflict. */
  attempted(ms: number): void {
    this.#attemptMs += MEAN_WEIGHT * (ms - this.#attemptMs);
  }

  /** How long to pause before the next commit, in ms; not positive if nobody else writes. */
  pauseMs(): number {
    const now = performance.now();
    if (now - this.#sharedAt > SHARED_FOR_MS) return 0;
    // Enough for a whole attempt of the other instance, even if storage is slow.
    const pauseMs = Math.max(PAUSE_MIN_MS, 1.5 * this.#attemptMs);
    return this.#committedAt + pauseMs + Math.random() * Math.max(PAUSE_JITTER_MS, this.#attemptMs) - now;
  }
}
