import type { PresenceState } from "../../shared/presence.ts";

const WORDS = { online: "Online", away: "Away", offline: "Offline" } as const;

/** Describes a state: "Online", "Away, do not disturb". */
export function describePresence(state: Pick<PresenceState, "status" | "doNotDisturb">): string {
  return state.doNotDisturb ? `${WORDS[state.status]}, do not disturb` : WORDS[state.status];
}
