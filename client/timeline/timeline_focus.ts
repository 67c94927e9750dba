import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

/** What a key means in a log. */
export type LogStep = "next" | "previous" | "first" | "last";

const STEPS = new Map<string, LogStep>([
  ["j", "next"],
  ["k", "previous"],
  ["Home", "first"],
  ["End", "last"],
]);

/** Reads j and k, and Home and End inside the log; null for everything else. */
export function logStepOf(
  event: Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">,
): LogStep | null {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  return STEPS.get(event.key) ?? null;
}

/** Which row is pointed at, and which one the Tab key finds. */
export class TimelineFocus {
  /** The row that shows its time and its actions. */
  readonly active: Signal<string | null> = signal(null);
  /** The one row in the Tab order. */
  readonly stop: Signal<string | null> = signal(null);

  /** Gives the key of the row that comes next; `keys` are the rows that can be focused, in order. */
  step(keys: readonly string[], step: LogStep): string | null {
    const now = keys.indexOf(this.stop.peek() ?? "");
    const last = keys.length - 1;
    // Without a row to start from one begins with the newest.
    const next = { next: now < 0 ? last : now + 1, previous: now < 0 ? last : now - 1, first: 0, last }[step];
    const key = keys[Math.min(Math.max(next, 0), last)] ?? null;
    this.stop.value = key;
    return key;
  }

  /** Keeps one row in the Tab order when the focused one is gone. */
  settle(keys: readonly string[]): void {
    const stop = this.stop.peek();
    if (stop === null || !keys.includes(stop)) this.stop.value = keys.at(-1) ?? null;
  }
}
