import { entriesOf } from "./check_messages.ts";
import type { Delivery, Entry, Operation } from "./history.ts";
import type { Violation } from "./violation.ts";

/** How long after a fault things may still be on their way back: dead links are found, clients dial again. */
const RECOVERY_MS = 8_000;
/** Longest wait for a delivery, counted only while nothing was broken or recovering. */
const QUIET_WAIT_MAX_MS = 5_000;

/** Times in which nothing was broken, in order, each from its first to its last moment. */
export function quietTimes(entries: readonly Entry[]): [from: number, to: number][] {
  const quiet: [number, number][] = [];
  let from = 0;
  let openCount = 0;
  for (const entry of entries) {
    if (entry.type !== "fault") continue;
    if (entry.phase === "begin") {
      if (openCount++ === 0 && entry.at > from) quiet.push([from, entry.at]);
    } else if (--openCount === 0) from = entry.at + RECOVERY_MS;
  }
  if (openCount === 0) quiet.push([from, Infinity]);
  return quiet;
}

/** How much of a span lies in quiet times. */
function quietWait(quiet: readonly [number, number][], from: number, to: number): number {
  let sum = 0;
  for (const [begin, end] of quiet) sum += Math.max(0, Math.min(to, end) - Math.max(from, begin));
  return sum;
}

/** Times from acknowledgement to delivery, and what came too late or never. */
export interface DeliveryReport {
  readonly latenciesMs: readonly number[];
  /** Those of messages that were acknowledged while nothing was broken or recovering. */
  readonly quietMs: readonly number[];
  readonly violations: readonly Violation[];
}

/** Looks how long every subscriber of a room waited for every acknowledged message. */
export function checkDeliveries(
  entries: readonly Entry[],
  operations: readonly Operation[],
): DeliveryReport {
  const quiet = quietTimes(entries);
  const endedAt = entries.at(-1)?.at ?? 0;
  const latenciesMs: number[] = [];
  const quietMs: number[] = [];
  const violations: Violation[] = [];
  const streams = Map.groupBy(
    entries.filter((entry) => entry.type === "event"),
    ({ client, roomId }) => `${client} ${roomId}`,
  );
  const sends = Map.groupBy(
    operations.filter(({ invocation, end }) => invocation.name === "send" && end?.type === "ok"),
    ({ invocation }) => invocation.roomId,
  );
  for (const deliveries of streams.values()) {
    const [first] = deliveries as [Delivery, ...Delivery[]];
    const arrivals = arrivalsOf(deliveries);
    const reached = deliveries.at(-1)?.offset ?? 0;
    const looked = new Set<number>();
    for (const operation of sends.get(first.roomId) ?? []) {
      const { end } = operation;
      // Later acknowledgements of the same message say nothing new.
      if (end?.type !== "ok" || end.offset === undefined || end.offset <= first.offset) continue;
      if (looked.has(end.offset)) continue;
      looked.add(end.offset);
      const arrivedAt = arrivals.get(end.offset);
      // What a resync went past is read by `list`; only what lies ahead is still owed.
      if (arrivedAt === undefined && end.offset <= reached) continue;
      if (arrivedAt !== undefined) {
        const latencyMs = Math.max(0, arrivedAt - end.at);
        latenciesMs.push(latencyMs);
        if (quiet.some(([from, to]) => end.at >= from && end.at < to)) quietMs.push(latencyMs);
      }
      const waitMs = quietWait(quiet, end.at, arrivedAt ?? endedAt);
      if (arrivedAt !== undefined && waitMs <= QUIET_WAIT_MAX_MS) continue;
      const when = arrivedAt === undefined ? "never" : `after ${Math.round(arrivedAt - end.at)} ms`;
      violations.push({
        kind: "late",
        what: `${first.client} got message ${end.offset} ${when}, ${
          Math.round(waitMs)
        } ms of it without a fault`,
        entries: entriesOf(operation),
      });
    }
  }
  return { latenciesMs, quietMs, violations };
}

function arrivalsOf(deliveries: readonly Delivery[]): Map<number, number> {
  const arrivals = new Map<number, number>();
  for (const { event, offset, at } of deliveries) {
    if (event !== "subscribed" && event !== "resync_required") arrivals.set(offset, at);
  }
  return arrivals;
}
