import type { PresenceStatus } from "../../shared/presence.ts";

/** The word for each status. */
export const STATUS_WORDS: Record<PresenceStatus, string> = {
  online: "Online",
  away: "Away",
  offline: "Offline",
};
