import { computed, effect } from "@preact/signals";
import type { Call } from "../../shared/call/call_types.ts";
import type { CallId } from "../../shared/ids.ts";
import type { LateCall } from "./late_call.ts";

/** A page that has just opened knows its calls by then. */
const KNOWN_MS = 10_000;

/** Waits until a call is known to run; null if it is over. */
export function knownCall({ models }: Pick<LateCall, "models">, callId: CallId): Promise<Call | null> {
  const found = computed(() => {
    const calls = models.value?.watch.calls.value.values() ?? [];
    return [...calls].find((call) => call.callId === callId) ?? null;
  });
  const { promise, resolve } = Promise.withResolvers<Call | null>();
  const timer = setTimeout(() => resolve(null), KNOWN_MS);
  let isOld = false;
  const stop = effect(() => {
    if (found.value !== null) resolve(found.value);
    if (models.value?.watch.isOpen.value !== true) isOld = true;
    // A list that has come since then has all calls.
    else if (isOld) resolve(null);
  });
  return promise.finally(() => {
    clearTimeout(timer);
    stop();
  });
}
