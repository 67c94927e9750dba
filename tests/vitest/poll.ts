import { realDelay, realNow, withDeadline } from "./real_timers.ts";
import { isFakeTimers, tickFakeTimers } from "./fake_timers.ts";

export interface PollOptions {
  readonly timeout?: number;
  readonly interval?: number;
  readonly message?: string;
}

/** Repeats `attempt` until it does not throw; fake timers advance by the interval each time. */
export async function pollUntil<T>(attempt: () => T | PromiseLike<T>, options: PollOptions): Promise<T> {
  const { timeout = 1000, interval = 50 } = options;
  const endsAt = realNow() + timeout;
  let lastError: unknown = new Error(`Nothing answered within ${timeout} ms`);
  while (true) {
    try {
      return await withDeadline(attempt, Math.max(1, endsAt - realNow()), () => lastError);
    } catch (error) {
      lastError = error;
    }
    if (realNow() >= endsAt) throw lastError;
    await realDelay(Math.min(interval, Math.max(1, endsAt - realNow())));
    if (isFakeTimers()) await tickFakeTimers(interval);
  }
}
