import { effect, signal, untracked } from "@preact/signals";

/** The wait before a subscription that has failed is opened again. */
const REOPEN_AFTER_MS = 2_000;

/**
 * Keeps a subscription open until the returned function is called. `wanted` reads signals and returns what to
 * subscribe to, or null for nothing; `open` subscribes to it, again after each change and after it called `reopen`.
 */
export function keepSubscribed<T>(
  wanted: () => T | null,
  open: (to: T, reopen: () => void) => { unsubscribe(): void },
): () => void {
  const turn = signal(0);
  return effect(() => {
    turn.value;
    const to = wanted();
    if (to === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const reopen = () => {
      timer = setTimeout(() => turn.value++, REOPEN_AFTER_MS);
    };
    const subscription = untracked(() => open(to, reopen));
    return () => {
      clearTimeout(timer);
      subscription.unsubscribe();
    };
  });
}
