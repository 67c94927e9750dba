import type { LinkPhase } from "../../shared/call/link_state.ts";
import type { LinkFigures } from "./call_parts.ts";

/** From these on, people notice. */
const LOSS_MIN_PERCENT = 5;
const ROUND_TRIP_MIN_MS = 400;
const JITTER_MIN_MS = 80;
/** Encoders begin slowly, and are limited for a moment wherever they are. */
const PICTURE_MIN_BITS_PER_SECOND = 120_000;

/** What is wrong with a connection, in words for its tile. */
export interface LinkTrouble {
  /** What is shown first. */
  readonly label: "Connecting…" | "Reconnecting…" | "Weak connection" | "Computer is busy";
  /** Why, if it is known. */
  readonly reason: string | null;
}

/** Says what is wrong with the connection to somebody; null if nothing is. */
export function describeLink(phase: LinkPhase, figures: LinkFigures | null): LinkTrouble | null {
  if (phase === "new" || phase === "connecting") return { label: "Connecting…", reason: null };
  if (phase !== "up") return { label: "Reconnecting…", reason: null };
  if (figures === null) return null;
  const reason = weakness(figures);
  if (reason !== null) return { label: "Weak connection", reason };
  return figures.limitation === "cpu" ? { label: "Computer is busy", reason: "your picture is small" } : null;
}

function weakness(figures: LinkFigures): string | null {
  const { lossPercent, peerLossPercent, roundTripMs, jitterMs, limitation, sentBitsPerSecond } = figures;
  if ((lossPercent ?? 0) >= LOSS_MIN_PERCENT) {
    return `${Math.round(lossPercent ?? 0)} % lost`;
  }
  if ((peerLossPercent ?? 0) >= LOSS_MIN_PERCENT) {
    return `${Math.round(peerLossPercent ?? 0)} % of yours lost`;
  }
  if ((roundTripMs ?? 0) >= ROUND_TRIP_MIN_MS) return `${Math.round(roundTripMs ?? 0)} ms`;
  if ((jitterMs ?? 0) >= JITTER_MIN_MS) return "uneven";
  const isNarrow = limitation === "bandwidth" && sentBitsPerSecond < PICTURE_MIN_BITS_PER_SECOND;
  return isNarrow ? "little bandwidth" : null;
}
