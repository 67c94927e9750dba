import type { StatusMaintenance } from "./status.ts";
import type { Span } from "./uptime.ts";

/** Readers hear figures at least this often. */
export const METRICS_INTERVAL_MS = 15_000;
/** A reader that hears nothing for this long has lost the server. */
export const SILENCE_MAX_MS = 3 * METRICS_INTERVAL_MS;

/** A running instance writes that it lives this often. */
export const HEARTBEAT_MS = 60_000;
/** Silence of all instances for longer is an outage. */
export const GAP_MAX_MS = 2 * HEARTBEAT_MS;

/** The last sign of life of an instance. */
export interface Heartbeat {
  /** Epoch time in milliseconds. */
  readonly at: number;
  /** Whether the instance was stopped on purpose right after it. */
  readonly isPlanned: boolean;
}

/** What happened while nobody was running, seen by the first instance that starts; null for a short pause. */
export function gapAtStart(beats: readonly Heartbeat[], now: number): Span | null {
  const last = beats.reduce<Heartbeat | null>((a, b) => a === null || b.at > a.at ? b : a, null);
  // Before the first heartbeat there was no installation.
  if (last === null) return null;
  // Also where the clock was set back: how long the silence was is not known, and that time was counted already.
  if (now - last.at <= GAP_MAX_MS) return null;
  return { from: last.at, to: now, state: last.isPlanned ? "unknown" : "major_outage" };
}

/** Whether a process that beat before a silence beats again: it lived all the time, and only storage was gone. */
export function hasSurvivor(
  before: ReadonlyMap<string, Heartbeat>,
  after: ReadonlyMap<string, Heartbeat>,
): boolean {
  return [...before].some(([id, { at }]) => (after.get(id)?.at ?? at) !== at);
}

/** Two clocks, read together. */
export interface ClockReading {
  /** Epoch time in milliseconds. */
  readonly wallMs: number;
  /** Time that only ever moves forward. */
  readonly monotonicMs: number;
}

/** What happened between two heartbeats of a process that was running, such as a machine that was suspended. */
export function gapWhileRunning(before: ClockReading, now: ClockReading): Span | null {
  const from = before.wallMs;
  const to = now.wallMs;
  if (to <= from) return null;
  if (now.monotonicMs - before.monotonicMs > GAP_MAX_MS) return { from, to, state: "major_outage" };
  // The clock was set forward: nothing was measured in the time that it left out.
  return to - from > GAP_MAX_MS ? { from, to, state: "unknown" } : null;
}

/** What tells when a maintenance ran. */
export type TimedMaintenance = Pick<StatusMaintenance, "startsAt" | "endsAt" | "resolvedAt" | "updates">;

/** Parts of a gap in which planned maintenance ran are not an outage. */
export function excuse(gap: Span, maintenances: readonly TimedMaintenance[]): Span[] {
  const windows = maintenances.map(runOf)
    .filter(({ from, to }) => from < gap.to && to > gap.from)
    .sort((a, b) => a.from - b.from);
  const spans: Span[] = [];
  let at = gap.from;
  for (const window of windows) {
    const from = Math.max(window.from, at);
    const to = Math.min(window.to, gap.to);
    if (to <= from) continue;
    if (from > at) spans.push({ from: at, to: from, state: gap.state });
    spans.push({ from, to, state: "under_maintenance" });
    at = to;
  }
  if (at < gap.to) spans.push({ from: at, to: gap.to, state: gap.state });
  return spans;
}

/**
 * When a maintenance ran. One that was started early or completed early ran then; a step that the server took late,
 * because it was away, changes nothing. Past its planned end it excuses nothing.
 */
function runOf(maintenance: TimedMaintenance): { readonly from: number; readonly to: number } {
  const { startsAt, endsAt, resolvedAt, updates } = maintenance;
  const started = updates.filter(({ state }) => state === "in_progress").map(({ at }) => Date.parse(at));
  return {
    from: Math.min(Date.parse(startsAt), ...started),
    to: Math.min(Date.parse(endsAt), resolvedAt === null ? Infinity : Date.parse(resolvedAt)),
  };
}
