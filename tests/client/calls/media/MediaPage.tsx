import { effect, signal } from "@preact/signals";
import { render } from "preact";
import type { Tracks } from "../../../../client/calls/call_parts.ts";
import { CallPreferences } from "../../../../client/calls/media/call_preferences.ts";
import type { CaptureFailure } from "../../../../client/calls/media/capture_failure.ts";
import { DevicesModel } from "../../../../client/calls/media/devices_model.ts";
import { LocalMedia } from "../../../../client/calls/media/local_media.ts";
import { canShareScreen } from "../../../../client/calls/media/screen_share.ts";
import type { MediaKind } from "../../../../shared/call/call_types.ts";
import { planMedia } from "../../../../shared/call/media_plan.ts";

/** What a device captures, shown and heard by elements. Run in a browser by local_media_test.ts. */
const preferences = new CallPreferences(localStorage);
const devices = new DevicesModel(preferences);
const isInCall = signal(false);
const failed: [MediaKind, CaptureFailure][] = [];
const ended: MediaKind[] = [];
const local = new LocalMedia({
  devices,
  isInCall,
  onFailed: (kind, failure) => void failed.push([kind, failure]),
  onEnded: (kind) => void ended.push(kind),
});

/** Everything that tests call. */
const parts = { canShareScreen, preferences, devices, isInCall, failed, ended, local, planMedia };
export type MediaParts = typeof parts;
Object.assign(globalThis, { parts });

function Page() {
  return (
    <>
      <h1>Media</h1>
      <video id="cam" autoplay muted playsinline />
      <video id="screen" autoplay muted playsinline />
      <audio id="mic" autoplay />
      <audio id="screenAudio" autoplay />
    </>
  );
}

const place = document.getElementById("app");
if (place !== null) render(<Page />, place);
effect(() => {
  for (
    const [kind, track] of Object.entries(local.tracks.value) as [keyof Tracks, MediaStreamTrack | null][]
  ) {
    const element = document.getElementById(kind);
    if (!(element instanceof HTMLMediaElement)) continue;
    element.srcObject = track && new MediaStream([track]);
  }
});
