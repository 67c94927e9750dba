import { computed } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** Returns a signal whose value stays the same object while its key is the same, so that followers are not notified. */
export function steady<T>(read: () => T, keyOf: (value: T) => string = JSON.stringify): ReadonlySignal<T> {
  let kept: { readonly key: string; readonly value: T } | null = null;
  return computed(() => {
    const value = read();
    const key = keyOf(value);
    if (kept?.key !== key) kept = { key, value };
    return kept.value;
  });
}
