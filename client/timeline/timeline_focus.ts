import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

/** Where a key moves the focus. */
export type LogStep = "next" | "previous" | "first" | "last";

const STEPS = new Map<string, LogStep>([
  ["j", "next"],
  ["k", "previous"],
  ["Home", "first"],
  ["End", "last"],
]);

/** Returns where j, k, Home and End lead; null for other keys. */
export function logStepOf(
  event: Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">,
): LogStep | null {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  return STEPS.get(event.key) ?? null;
}

/** Which row is active, and which one the Tab key reaches. */
export class TimelineFocus {
  /** The row that shows its time and actions. */
  readonly active: Signal<string | null> = signal(null);
  /** The one row in the Tab order. */
  readonly tabStop: Signal<string | null> = signal(null);

  /** Moves to another row and returns its key; `keys` are the rows that can have the focus, in order. */
  step(keys: readonly string[], step: LogStep): string | null {
    const now = keys.indexOf(this.tabStop.peek() ?? "");
    const last = keys.length - 1;
    // Without a current row, start with the newest.
    const next = { next: now < 0 ? last : now + 1, previous: now < 0 ? last : now - 1, first: 0, last }[step];
    const key = keys[Math.min(Math.max(next, 0), last)] ?? null;
    this.tabStop.value = key;
    return key;
  }

  /** Adds another row to the Tab order if the current one was removed. */
  settle(keys: readonly string[]): void {
    const stop = this.tabStop.peek();
    if (stop === null || !keys.includes(stop)) this.tabStop.value = keys.at(-1) ?? null;
  }
}
