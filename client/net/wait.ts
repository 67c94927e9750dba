import type { ReadonlySignal } from "@preact/signals";

/** Resolves after a time; rejects when aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return settleOnce(signal, (resolve) => {
    const timer = setTimeout(resolve, ms);
    return () => clearTimeout(timer);
  });
}

/** Resolves after a time, and not before the connection is open; rejects when aborted. */
export async function pauseUntilOpen(
  isOpen: ReadonlySignal<boolean>,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  await pause(ms, signal);
  // `subscribe` calls back before it has returned, and must not be ended within its own callback.
  await settleOnce(signal, (resolve) => isOpen.subscribe((isTrue) => isTrue && queueMicrotask(resolve)));
}

/** Resolves as `start` says, which returns how to stop it; rejects when aborted. */
function settleOnce(
  signal: AbortSignal | undefined,
  start: (resolve: () => void) => () => void,
): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = start(resolve);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort);
  return promise.finally(() => {
    stop();
    signal?.removeEventListener("abort", abort);
  });
}
