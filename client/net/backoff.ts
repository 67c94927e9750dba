/** Bounds of the wait before a dial. Full jitter: a wait is anywhere between 0 and the ceiling. */
export const BACKOFF = { baseMs: 500, capMs: 5_000, lateCapMs: 30_000, firstMinuteMs: 60_000 } as const;

/** What a wait depends on. */
export interface BackoffState {
  /** How many dials have failed in a row; 0 before the first. */
  readonly failedCount: number;
  /** How long the connection has been lost. */
  readonly lostForMs: number;
  /** The server asked for at least this much. */
  readonly atLeastMs?: number;
}

/** Gives the longest wait that may come next. */
export function backoffCeilingMs({ failedCount, lostForMs }: BackoffState): number {
  const cap = lostForMs < BACKOFF.firstMinuteMs ? BACKOFF.capMs : BACKOFF.lateCapMs;
  // 2^16 half seconds are far above every cap; more would overflow to Infinity at last.
  return Math.min(cap, BACKOFF.baseMs * 2 ** Math.min(failedCount, 16));
}

/** Gives the wait before the next dial; `random` is in [0, 1). */
export function backoffMs(state: BackoffState, random: () => number = Math.random): number {
  return Math.round((state.atLeastMs ?? 0) + random() * backoffCeilingMs(state));
}
