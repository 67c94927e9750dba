import type { LinkFigures } from "../call_parts.ts";

/** Why somebody is heard or seen badly. */
export type WeakReason =
  | "lost_to_us"
  | "lost_to_them"
  | "lost_both_ways"
  | "slow_upload"
  | "busy_computer"
  | "long_way"
  | "uneven";

/** How well a link works. */
export type LinkQuality = { readonly level: "good" } | {
  readonly level: "weak";
  readonly reason: WeakReason;
};

/** The quality that is shown, and since when the figures say otherwise. */
export interface QualityState {
  readonly shown: LinkQuality;
  /** What the figures would change it to; null while they agree with it. */
  readonly next: LinkQuality | null;
  readonly nextSince: number;
}

/** Before anything is measured, nothing is wrong. */
export const NEW_QUALITY: QualityState = { shown: { level: "good" }, next: null, nextSince: 0 };

/** Figures are this bad for so long before a link counts as weak: one bad second is not worth a word. */
const WEAK_AFTER_MS = 3_000;
/** Longer: the browser begins low, and finds out by and by how much a path takes. */
const SLOW_UPLOAD_AFTER_MS = 12_000;
/** Longer, so that the words do not come and go. */
const GOOD_AFTER_MS = 6_000;
/** A link that is weak has to be better than this part of each limit to be good again. */
const GOOD_AGAIN_PART = 0.7;

/** Opus conceals less than this well. */
const LOSS_MAX_PERCENT = 5;
/** Above it people begin to talk at the same time. */
const ROUND_TRIP_MAX_MS = 500;
const JITTER_MAX_MS = 80;
/** Encoders often say that bandwidth limits them; below this, the picture shows it. */
const SLOW_UPLOAD_BITS_PER_SECOND = 200_000;

/**
 * Says why a link is weak, from the view of the person at this device: "Weak connection · your upload is too slow".
 * What is lost may be lost by the upload of one side or the download of the other, so no network is blamed.
 */
export const WEAK_TEXTS: Readonly<Record<WeakReason, string>> = {
  lost_to_us: "packets to you are lost",
  lost_to_them: "packets to them are lost",
  lost_both_ways: "packets are lost both ways",
  slow_upload: "your upload is too slow",
  busy_computer: "your computer is busy",
  long_way: "it has a long delay",
  uneven: "sound arrives unevenly",
};

/** Takes the figures of a second; null while there are none, as during a restart, which keeps what is shown. */
export function reduceQuality(state: QualityState, figures: LinkFigures | null, nowMs: number): QualityState {
  if (figures === null) return state.next === null ? state : { ...state, next: null };
  const isWeak = state.shown.level === "weak";
  const reason = findReason(figures, isWeak ? GOOD_AGAIN_PART : 1);
  const measured: LinkQuality = reason === null ? { level: "good" } : { level: "weak", reason };
  if (isSame(measured, state.shown)) return state.next === null ? state : { ...state, next: null };
  const isGoingOn = state.next?.level === measured.level && isSlow(state.next) === isSlow(measured);
  const nextSince = isGoingOn ? state.nextSince : nowMs;
  const waitMs = measured.level === "good"
    ? GOOD_AFTER_MS
    : isSlow(measured)
    ? SLOW_UPLOAD_AFTER_MS
    : WEAK_AFTER_MS;
  if (isGoingOn && nowMs - nextSince >= waitMs) return { shown: measured, next: null, nextSince: nowMs };
  return { ...state, next: measured, nextSince };
}

/** The first limit that is broken; `part` scales them. */
function findReason(figures: LinkFigures, part: number): WeakReason | null {
  const { limitation, lossPercent, peerLossPercent, roundTripMs, jitterMs, sentBitsPerSecond } = figures;
  const isAbove = (value: number | null, max: number) => value !== null && value >= max * part;
  const [inLoss, outLoss] = [
    isAbove(lossPercent, LOSS_MAX_PERCENT),
    isAbove(peerLossPercent, LOSS_MAX_PERCENT),
  ];
  if (inLoss && outLoss) return "lost_both_ways";
  if (outLoss) return "lost_to_them";
  if (inLoss) return "lost_to_us";
  if (limitation === "bandwidth" && sentBitsPerSecond * part < SLOW_UPLOAD_BITS_PER_SECOND) {
    return "slow_upload";
  }
  if (limitation === "cpu") return "busy_computer";
  if (isAbove(roundTripMs, ROUND_TRIP_MAX_MS)) return "long_way";
  return isAbove(jitterMs, JITTER_MAX_MS) ? "uneven" : null;
}

function isSlow(quality: LinkQuality): boolean {
  return quality.level === "weak" && quality.reason === "slow_upload";
}

function isSame(one: LinkQuality, other: LinkQuality): boolean {
  return one.level === other.level &&
    (one.level === "good" || other.level === "good" || one.reason === other.reason);
}
