import type { ReadonlySignal } from "@preact/signals";
import type { CallAct } from "../../shared/call/call_acts.ts";
import type { CallState } from "../../shared/call/call_state.ts";
import type { ParticipantId, UserId } from "../../shared/ids.ts";
import type { RemotePeer } from "./call_parts.ts";
import type { CallPreferences } from "./media/call_preferences.ts";
import type { DevicesModel } from "./media/devices_model.ts";
import type { LocalMedia } from "./media/local_media.ts";

/** How loud the sounds of shared screens are. */
export interface ScreenVolumes {
  /** From 0 to 1. */
  screenVolumeOf(participantId: ParticipantId): number;
  setScreenVolume(participantId: ParticipantId, volume: number): void;
}

/** What the views of a call use: the call itself, what is captured, and the names of people. */
export interface CallHost {
  readonly me: UserId;
  readonly nameOf: (userId: UserId) => string;
  /** The server's clock in epoch milliseconds. */
  readonly serverNow: () => number;
  readonly state: ReadonlySignal<CallState>;
  readonly peers: ReadonlySignal<ReadonlyMap<ParticipantId, RemotePeer>>;
  readonly act: (act: CallAct) => void;
  readonly local: Pick<LocalMedia, "tracks" | "failures" | "screenMode" | "setScreenMode" | "dismissFailure">;
  readonly preferences: CallPreferences;
  readonly devices: DevicesModel;
  readonly sound: ScreenVolumes;
  /** Who is heard now; null in silence. */
  readonly speaking: ReadonlySignal<ParticipantId | null>;
  /** Who was heard last. */
  readonly speaker: ReadonlySignal<ParticipantId | null>;
}

/** What a moderator does to somebody in a call. */
export type Moderation = "mute" | "remove";

/** What a tile lets one do with the participant that it shows. */
export interface PersonActions {
  readonly onSafetyCode: (participantId: ParticipantId) => void;
  /** Absent if the user is no moderator of the room. */
  readonly onModerate?: (participantId: ParticipantId, action: Moderation) => void;
}
