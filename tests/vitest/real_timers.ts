/** The original timers, for waits and deadlines while a test uses fake ones. */
export const realSetTimeout = globalThis.setTimeout;
export const realClearTimeout = globalThis.clearTimeout;
export const realNow = performance.now.bind(performance);

/** Waits in real time, even with fake timers. */
export function realDelay(ms: number): Promise<void> {
  return new Promise((resolve) => realSetTimeout(resolve, ms));
}

/** Runs `work` and rejects with `error()` if it takes longer than `limitMs` of real time. */
export async function withDeadline<T>(
  work: () => T | PromiseLike<T>,
  limitMs: number,
  error: () => unknown,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = realSetTimeout(() => reject(error()), limitMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(work), deadline]);
  } finally {
    realClearTimeout(timer);
  }
}
