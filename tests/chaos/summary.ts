import type { Verdict } from "./checker.ts";
import type { Entry } from "./history.ts";
import type { Violation } from "./violation.ts";

const ENTRIES_SHOWN_COUNT = 12;
const VIOLATIONS_SHOWN_COUNT = 20;
/** From here on a time without any acknowledgement counts as an outage. */
const OUTAGE_MS = 1_000;

/** Figures of a run beside what the history holds. */
export interface RunFigures {
  readonly seed: number;
  readonly minutes: number;
  readonly killCount: number;
  readonly faultCounts: ReadonlyMap<string, number>;
  readonly hasFaketime: boolean;
  readonly stopTookMs: readonly number[];
}

/** Writes what a run has shown, for people. */
export function summarize(
  figures: RunFigures,
  entries: readonly Entry[],
  verdict: Verdict,
): string {
  const { operations, deliveryMs, quietDeliveryMs, violations } = verdict;
  const done = operations.filter(({ end }) => end?.type === "ok");
  const ackTimes = done.filter(({ invocation }) => invocation.name === "send").map(({ end }) => end?.at ?? 0);
  const messages = firstTries(operations);
  const outages = gapsOf(ackTimes);
  const faults = [...figures.faultCounts].map(([kind, count]) => `${kind} ${count}`).join(", ");
  const ends = Map.groupBy(operations, ({ end }) => end?.type ?? "none");
  const names = Map.groupBy(done, ({ invocation }) => invocation.name);
  return [
    `seed ${figures.seed}, ${figures.minutes} min, ${entries.length} entries`,
    `messages acknowledged: ${messages.length} (${ackTimes.length} with repeats)`,
    `operations: ${[...ends].map(([type, list]) => `${list.length} ${type}`).join(", ")}`,
    `done: ${[...names].map(([name, list]) => `${list.length} ${name}`).join(", ")}`,
    `processes killed with SIGKILL: ${figures.killCount}; faults: ${faults}`,
    figures.hasFaketime ? "clock steps: on" : "clock steps: left out, libfaketime is not installed",
    `ms from first try to acknowledgement: ${percentiles(messages)}`,
    `ms from acknowledgement to delivery: ${percentiles(deliveryMs)}`,
    `the same while nothing is broken: ${percentiles(quietDeliveryMs)}`,
    `ms from the end of a fault to the next acknowledgement: ${percentiles(recoveries(entries, ackTimes))}`,
    `ms from SIGTERM to the end: ${percentiles(figures.stopTookMs)}`,
    `outages (no acknowledgement for ${OUTAGE_MS} ms): ${outages.length}, ${percentiles(outages)}`,
    `violations: ${violations.length}`,
    ...[...Map.groupBy(violations, ({ kind }) => kind)].map(([kind, list]) => `  ${kind}: ${list.length}`),
    ...violations.slice(0, VIOLATIONS_SHOWN_COUNT).map(describe),
  ].join("\n");
}

function describe({ kind, what, entries }: Violation): string {
  const lines = entries.slice(0, ENTRIES_SHOWN_COUNT).map((entry) => `    ${JSON.stringify(entry)}`);
  return [`  ${kind}: ${what}`, ...lines].join("\n");
}

/** How long each message took from its first try to its first acknowledgement. */
function firstTries(operations: Verdict["operations"]): number[] {
  const begun = new Map<string, number>();
  const took = new Map<string, number>();
  for (const { invocation, end } of operations) {
    if (invocation.name !== "send") continue;
    const key = `${invocation.roomId} ${invocation.person} ${invocation.clientMessageId}`;
    const at = begun.get(key) ?? invocation.at;
    begun.set(key, at);
    if (end?.type === "ok" && !took.has(key)) took.set(key, end.at - at);
  }
  return [...took.values()];
}

/** How long after each fault was mended the first message went through. */
function recoveries(entries: readonly Entry[], ackTimes: readonly number[]): number[] {
  const sorted = [...ackTimes].sort((one, other) => one - other);
  return entries.flatMap((entry) => {
    if (entry.type !== "fault" || entry.phase !== "end") return [];
    const next = sorted.find((time) => time > entry.at);
    return next === undefined ? [] : [next - entry.at];
  });
}

function gapsOf(times: readonly number[]): number[] {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted.slice(1).map((time, index) => time - (sorted[index] ?? 0)).filter((gap) => gap >= OUTAGE_MS);
}

function percentiles(values: readonly number[]): string {
  if (values.length === 0) return "none";
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`;
}
