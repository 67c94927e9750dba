// Saved at import, so that waiting works while a test uses fake timers.
const { setTimeout } = globalThis;

const STEP_MS = 5;
const TIMEOUT_MS = 10_000;

type Falsy = false | null | undefined | 0 | "";

/** Resolves with the first truthy value of `condition`; fails if there is none in time, or if it throws. */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly what?: string } = {},
): Promise<Exclude<T, Falsy>> {
  const { timeoutMs = TIMEOUT_MS, what = condition.toString() } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<T, Falsy>;
    if (performance.now() > deadline) throw new Error(`Not true within ${timeoutMs} ms: ${what}`);
    await pause(STEP_MS);
  }
}

/** Lets time pass, only for tests that something does not happen; never to wait for something. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
