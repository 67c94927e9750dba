import type { UserId } from "./ids.ts";

/** How reachable a person is. */
export type PresenceStatus = "online" | "away" | "offline";

/** What others see of a person. `textUntil` is when the text stops to hold, as ISO time. */
export interface PresenceState {
  readonly userId: UserId;
  readonly status: PresenceStatus;
  readonly text: string;
  readonly textUntil: string | null;
  readonly doNotDisturb: boolean;
}

/** A whole picture first, then what changed. Who is in no snapshot is offline. */
export interface PresenceUpdate {
  readonly type: "snapshot" | "diff";
  readonly states: PresenceState[];
}
