import type { LinkPhase } from "../../shared/call/link_state.ts";
import { WEAK_TEXTS } from "./doctor/link_quality.ts";
import type { LinkQuality } from "./doctor/link_quality.ts";

/** What is wrong with a connection, in words for its tile. */
export interface LinkTrouble {
  /** What is shown first. */
  readonly label: "Connecting…" | "Reconnecting…" | "Weak connection" | "Computer is busy";
  /** Why, if it is known. */
  readonly reason: string | null;
}

/** Says what is wrong with the connection to somebody; null if nothing is. */
export function describeLink(phase: LinkPhase, quality: LinkQuality): LinkTrouble | null {
  if (phase === "new" || phase === "connecting") return { label: "Connecting…", reason: null };
  if (phase !== "up") return { label: "Reconnecting…", reason: null };
  if (quality.level === "good") return null;
  return quality.reason === "busy_computer"
    ? { label: "Computer is busy", reason: "your picture is small" }
    : { label: "Weak connection", reason: WEAK_TEXTS[quality.reason] };
}
