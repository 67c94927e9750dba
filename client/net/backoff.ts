/** Bounds of the wait before a dial. With full jitter, the wait is anywhere between 0 and the ceiling. */
export const BACKOFF = { baseMs: 500, capMs: 5_000, lateCapMs: 30_000, firstMinuteMs: 60_000 } as const;

/** Options of `backoffMs`. */
export interface BackoffState {
  /** How many dials have failed in a row; 0 before the first. */
  readonly failedCount: number;
  /** How long the connection has been lost. */
  readonly lostForMs: number;
  /** The minimum that the server has requested. */
  readonly atLeastMs?: number;
}

/** Returns the ceiling of the next wait. */
export function backoffCeilingMs({ failedCount, lostForMs }: BackoffState): number {
  const cap = lostForMs < BACKOFF.firstMinuteMs ? BACKOFF.capMs : BACKOFF.lateCapMs;
  // 2^16 half seconds are far above the cap; more would overflow to Infinity.
  return Math.min(cap, BACKOFF.baseMs * 2 ** Math.min(failedCount, 16));
}

/** Returns the wait before the next dial; `random` is in [0, 1). */
export function backoffMs(state: BackoffState, random: () => number = Math.random): number {
  return Math.round((state.atLeastMs ?? 0) + random() * backoffCeilingMs(state));
}
