import { Track, VideoPresets } from "livekit-client";
import type { TrackPublishOptions } from "livekit-client";
import type { MediaKind } from "../../../shared/call/call_types.ts";
import type { MediaPlan, PicturePlan, SoundPlan } from "../../../shared/call/media_plan.ts";

/** The names that LiveKit has for what a call sends. */
export const SOURCES: Readonly<Record<MediaKind, Track.Source>> = {
  mic: Track.Source.Microphone,
  cam: Track.Source.Camera,
  screen: Track.Source.ScreenShare,
  screenAudio: Track.Source.ScreenShareAudio,
};

/** What a track of LiveKit is in a call; null for anything else. */
export function kindOf(source: Track.Source): MediaKind | null {
  for (const [kind, name] of Object.entries(SOURCES)) if (name === source) return kind as MediaKind;
  return null;
}

/** How to send a track. A camera is sent in three sizes, of which LiveKit forwards one to each receiver. */
export function publishOptions(kind: MediaKind, plan: MediaPlan): TrackPublishOptions {
  const source = SOURCES[kind];
  if (kind === "mic" || kind === "screenAudio") return { source, ...soundOptions(plan[kind]) };
  return { source, ...pictureOptions(kind, plan[kind]) };
}

function soundOptions(plan: SoundPlan | null): TrackPublishOptions {
  if (plan === null) return {};
  return {
    audioPreset: { maxBitrate: plan.maxBitrate },
    dtx: plan.hasDtx,
    red: plan.hasFec && plan.channelCount === 1,
    forceStereo: plan.channelCount === 2,
  };
}

function pictureOptions(kind: "cam" | "screen", plan: PicturePlan | null): TrackPublishOptions {
  // What every browser of a call encodes and decodes.
  const common = { videoCodec: "vp8", backupCodec: false } as const;
  if (plan === null) return common;
  const encoding = { maxBitrate: plan.maxBitrate, maxFramerate: plan.frameRate };
  const { degradationPreference } = plan;
  return kind === "cam"
    ? {
      ...common,
      degradationPreference,
      simulcast: true,
      videoEncoding: encoding,
      videoSimulcastLayers: [VideoPresets.h180, VideoPresets.h360],
    }
    : { ...common, degradationPreference, simulcast: false, screenShareEncoding: encoding };
}
