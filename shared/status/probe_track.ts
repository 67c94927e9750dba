import { compareStates } from "./states.ts";
import type { ComponentState, MeasuredState } from "./states.ts";
import type { Span } from "./uptime.ts";

/** Probes run this often. */
export const PROBE_INTERVAL_MS = 20_000;
/** A result counts for this long; after that nothing is known. */
export const PROBE_VALID_MS = 2 * PROBE_INTERVAL_MS;

/** The result of one probe. */
export interface ProbeResult {
  /** Epoch time in milliseconds. */
  readonly at: number;
  readonly state: MeasuredState;
}

/** What the probes of one component have shown so far. */
export interface ProbeTrack {
  readonly state: ComponentState;
  readonly last: ProbeResult | null;
}

/** A component before its first probe. */
export const UNPROBED: ProbeTrack = { state: "unknown", last: null };

/** The state that probes show at a moment; results that are too old show nothing. */
export function probedState({ state, last }: ProbeTrack, now: number): ComponentState {
  return last === null || isStale(last, now) ? "unknown" : state;
}

/** Whether the last result says of a component what its state says: one of the other kind changes nothing yet. */
export function isConfirmed({ state, last }: ProbeTrack): boolean {
  return last !== null && state !== "unknown" &&
    (last.state === "operational") === (state === "operational");
}

/**
 * Takes a result: two failed ones in a row make red and two good ones green. `spans` say in which state the time
 * since the previous result was, so that a change counts from the first of the two.
 */
export function track(before: ProbeTrack, result: ProbeResult): { track: ProbeTrack; spans: Span[] } {
  const { last } = before;
  if (last === null) return { track: { state: "unknown", last: result }, spans: [] };
  if (result.at < last.at || isStale(last, result.at)) {
    const fresh: ProbeTrack = { state: "unknown", last: result };
    if (result.at < last.at) return { track: fresh, spans: [] };
    const until = last.at + PROBE_VALID_MS;
    return {
      track: fresh,
      spans: [
        { from: last.at, to: until, state: before.state },
        { from: until, to: result.at, state: "unknown" },
      ],
    };
  }
  const state = settle(before.state, last.state, result.state);
  return { track: { state, last: result }, spans: [{ from: last.at, to: result.at, state }] };
}

function isStale(last: ProbeResult, now: number): boolean {
  // A result from the future shows that the clock was set back; its age is not known.
  return now - last.at > PROBE_VALID_MS || last.at - now > PROBE_VALID_MS;
}

/** The state moves only where both results agree, and no further than the nearer of the two. */
function settle(state: ComponentState, a: MeasuredState, b: MeasuredState): ComponentState {
  const [milder, worse] = compareStates(a, b) <= 0 ? [a, b] : [b, a];
  if (state === "unknown") {
    if (worse === "operational" || milder !== "operational") return milder;
    return state;
  }
  if (compareStates(milder, state) > 0) return milder;
  return compareStates(worse, state) < 0 ? worse : state;
}
