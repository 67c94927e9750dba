import type { Media } from "./call_types.ts";

/** What matters in a shared screen. */
export type ScreenMode = "detail" | "motion";

/** How to send a moving picture: what to capture, and the limits of its encoder. */
export interface PicturePlan {
  /** The height to capture and send; null for the native size. The width follows from the camera or screen. */
  readonly height: number | null;
  readonly frameRate: number;
  readonly maxBitrate: number;
  readonly contentHint: ScreenMode;
  readonly degradationPreference: "maintain-framerate" | "maintain-resolution" | "balanced";
}

/** How to send a sound. */
export interface SoundPlan {
  readonly maxBitrate: number;
  readonly contentHint: "speech" | "music";
  readonly channelCount: 1 | 2;
  /** Send nothing while it is silent. */
  readonly hasDtx: boolean;
  /** Repair lost packets from the ones after them. */
  readonly hasFec: boolean;
}

/** What a device sends to each of the others. It is the same for all, so that each picture is scaled once. */
export interface MediaPlan {
  readonly mic: SoundPlan | null;
  readonly cam: PicturePlan | null;
  readonly screen: PicturePlan | null;
  readonly screenAudio: SoundPlan | null;
}

/** What a plan depends on. */
export interface MediaPlanOptions {
  /** All participants, this one included. */
  readonly participantCount: number;
  readonly media: Media;
  readonly screenMode: ScreenMode;
  /** Whether anybody in the call shares a screen, beside which faces are small. */
  readonly isScreenShared: boolean;
}

/** Sound of a voice: wide band Opus in mono, with room for FEC. */
const VOICE: SoundPlan = {
  maxBitrate: 40_000,
  contentHint: "speech",
  channelCount: 1,
  hasDtx: true,
  hasFec: true,
};
/** Sound of a screen, such as a film: DTX would cut quiet music. */
const SCREEN_SOUND: SoundPlan = {
  maxBitrate: 128_000,
  contentHint: "music",
  channelCount: 2,
  hasDtx: false,
  hasFec: true,
};

/** The whole upload of one device for its pictures, however many peers receive them. */
export const UPLOAD_MAX_BITS_PER_SECOND = 6_000_000;

/** Four encoders at 480p take 1.7 cores, and at 240p 1.26, so meshes of three and more send 240p. */
const CAMERA_ALONE: PicturePlan = {
  height: 720,
  frameRate: 30,
  maxBitrate: 1_700_000,
  contentHint: "motion",
  degradationPreference: "balanced",
};
const CAMERA_IN_MESH: PicturePlan = {
  ...CAMERA_ALONE,
  height: 240,
  frameRate: 20,
  maxBitrate: 200_000,
  degradationPreference: "maintain-framerate",
};
/** The larger the mesh, the more pictures each device decodes beside those that it encodes. */
const LARGE_MESH_COUNT = 4;
const LARGE_MESH_FRAME_RATE = 15;

/** Text is read: pixels stay, frames may go. */
const SHARP_SCREEN: PicturePlan = {
  height: null,
  frameRate: 15,
  maxBitrate: 2_500_000,
  contentHint: "detail",
  degradationPreference: "maintain-resolution",
};
const SMOOTH_SCREEN: PicturePlan = {
  height: 1_080,
  frameRate: 30,
  maxBitrate: 4_000_000,
  contentHint: "motion",
  degradationPreference: "maintain-framerate",
};

/** Plans what a device sends to each of its peers in a mesh. */
export function planMedia(
  { participantCount, media, screenMode, isScreenShared }: MediaPlanOptions,
): MediaPlan {
  const peerCount = Math.max(1, participantCount - 1);
  const screen = media.screen ? (screenMode === "detail" ? SHARP_SCREEN : SMOOTH_SCREEN) : null;
  const cam = media.cam ? planCamera(participantCount, isScreenShared) : null;
  // The camera is cheap in a mesh, so what is left belongs to the screen.
  const left = UPLOAD_MAX_BITS_PER_SECOND - peerCount * (cam?.maxBitrate ?? 0);
  return {
    mic: media.mic ? VOICE : null,
    cam,
    screen: screen && { ...screen, maxBitrate: Math.min(screen.maxBitrate, Math.floor(left / peerCount)) },
    screenAudio: media.screen && media.screenAudio ? SCREEN_SOUND : null,
  };
}

function planCamera(participantCount: number, isScreenShared: boolean): PicturePlan {
  if (participantCount <= 2 && !isScreenShared) return CAMERA_ALONE;
  const frameRate = participantCount >= LARGE_MESH_COUNT ? LARGE_MESH_FRAME_RATE : CAMERA_IN_MESH.frameRate;
  return { ...CAMERA_IN_MESH, frameRate };
}

/** The factor by which an encoder scales a picture down; it never scales up. */
export function scaleDownBy({ height }: PicturePlan, capturedHeight: number): number {
  return height === null ? 1 : Math.max(1, capturedHeight / height);
}
