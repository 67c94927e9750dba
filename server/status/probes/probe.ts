import type { MeasuredState } from "../../../shared/status/states.ts";
import { PatientTimeout } from "./patient_timeout.ts";

/** One probe may take so long. */
export const PROBE_TIMEOUT_MS = 4_000;
/** What works, but takes longer than this, is degraded. */
export const SLOW_MS = 2_000;

/** What a probe found besides that it works. */
export interface ProbeFinding {
  /** Operational if absent. */
  readonly state?: MeasuredState;
  /** From sending to arrival. */
  readonly deliveredMs?: number;
  /** What one must know to read the result. */
  readonly note?: string;
  /** Why it does not work for everybody, for the log. */
  readonly reason?: string;
}

/** Tries one component as people use it. It throws when that fails, and ends when the signal aborts. */
export interface Probe {
  /** The component's id. */
  readonly id: string;
  /** Whether it fails whenever storage does: then it is not tried. */
  readonly needsStorage?: boolean;
  run(signal: AbortSignal): Promise<ProbeFinding>;
}

/** The outcome of one run. */
export interface ProbeReport extends ProbeFinding {
  readonly state: MeasuredState;
}

/** Runs a probe within its time; a probe that hangs has failed, and is told to abort. */
export async function runProbe(probe: Probe, timeoutMs = PROBE_TIMEOUT_MS): Promise<ProbeReport> {
  const ended = new AbortController();
  using timeout = new PatientTimeout(timeoutMs);
  const late = Promise.withResolvers<never>();
  timeout.signal.addEventListener("abort", () => late.reject(timeout.signal.reason));
  const startedAt = performance.now();
  try {
    const signal = AbortSignal.any([ended.signal, timeout.signal]);
    const finding = await Promise.race([probe.run(signal), late.promise]);
    const isSlow = performance.now() - startedAt > SLOW_MS;
    return { ...finding, state: finding.state ?? (isSlow ? "degraded_performance" : "operational") };
  } catch (error) {
    return { state: "major_outage", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    ended.abort();
  }
}
