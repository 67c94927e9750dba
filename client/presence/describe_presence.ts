import type { PresenceState } from "../../shared/presence.ts";
import { STATUS_WORDS } from "../ui/status_words.ts";

/** Describes a state: "Online", "Away, do not disturb". */
export function describePresence(state: Pick<PresenceState, "status" | "doNotDisturb">): string {
  return state.doNotDisturb ? `${STATUS_WORDS[state.status]}, do not disturb` : STATUS_WORDS[state.status];
}
