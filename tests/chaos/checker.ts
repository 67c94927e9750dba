import { checkChanges } from "./check_changes.ts";
import { checkDeliveries } from "./check_delivery.ts";
import { checkMessages, entriesOf } from "./check_messages.ts";
import { checkDeliveryOrder, checkSendOrder } from "./check_order.ts";
import { checkReads, checkReadStates } from "./check_reads.ts";
import type { FinalState } from "./final_state.ts";
import { operationsOf } from "./history.ts";
import type { Entry, Operation } from "./history.ts";
import type { Violation } from "./violation.ts";

/** Refusals that a client may meet; any other is a bug. A tombstone takes no changes. */
const EXPECTED_REFUSALS = new Set(["rate_limited"]);
const EXPECTED_OF_TOMBSTONES = new Set(["edit", "react"]);

/** What a history shows. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly operations: readonly Operation[];
  /** From acknowledgement to delivery, for each subscriber and message. */
  readonly deliveryMs: readonly number[];
  /** The same for messages of times without a fault. */
  readonly quietDeliveryMs: readonly number[];
}

/** Compares everything that clients did and saw with what there is at the end. */
export function check(entries: readonly Entry[], final: FinalState): Verdict {
  const operations = operationsOf(entries);
  const deliveries = checkDeliveries(entries, operations);
  const violations = [
    ...checkMessages(operations, final),
    ...checkChanges(operations, final),
    ...checkSendOrder(operations),
    ...checkDeliveryOrder(entries, operations),
    ...deliveries.violations,
    ...checkReads(operations),
    ...checkReadStates(operations, final),
    ...checkAnswers(operations),
  ];
  const { latenciesMs, quietMs } = deliveries;
  return { violations, operations, deliveryMs: latenciesMs, quietDeliveryMs: quietMs };
}

/** Every question gets an answer that makes sense. */
function checkAnswers(operations: readonly Operation[]): Violation[] {
  return operations.flatMap((operation): Violation[] => {
    const { invocation: { name, op }, end } = operation;
    const entries = entriesOf(operation);
    if (end === null) return [{ kind: "late", what: `Operation ${op} never ended`, entries }];
    if (end.type === "ok") return [];
    const { type, reason } = end;
    const isExpected = type === "unknown"
      ? reason !== "internal"
      : EXPECTED_REFUSALS.has(reason) || (reason === "not_found" && EXPECTED_OF_TOMBSTONES.has(name));
    return isExpected ? [] : [{ kind: "complaint", what: `${name} was answered with ${reason}`, entries }];
  });
}
