import type { MediaPlan, PicturePlan, ScreenMode, SoundPlan } from "../../../shared/call/media_plan.ts";
import type { CallSettings } from "./call_preferences.ts";

/** Pictures before a plan is known, such as in the lobby. */
const FIRST_PICTURE: Pick<PicturePlan, "height" | "frameRate"> = { height: 720, frameRate: 30 };
/** What to ask of a screen whose text matters, and of one that moves. */
const SCREEN_FRAME_RATES: Readonly<Record<ScreenMode, number>> = { detail: 15, motion: 30 };

/** Which device to ask for: null for the default, or any camera that looks in the chosen direction. */
export type DeviceId = string | null;

type MicSettings = Pick<CallSettings, "suppressesNoise" | "cancelsEcho" | "controlsGain">;

/** What to ask of a microphone. */
export function micConstraints(
  id: DeviceId,
  settings: MicSettings,
  plan: SoundPlan | null,
): MediaTrackConstraints {
  return {
    ...exactly(id),
    noiseSuppression: settings.suppressesNoise,
    echoCancellation: settings.cancelsEcho,
    autoGainControl: settings.controlsGain,
    channelCount: { ideal: plan?.channelCount ?? 1 },
  };
}

/** What to ask of a camera. */
export function camConstraints(
  id: DeviceId,
  { facing }: Pick<CallSettings, "facing">,
  plan: PicturePlan | null,
): MediaTrackConstraints {
  return { ...(id === null ? { facingMode: { ideal: facing } } : exactly(id)), ...pictureConstraints(plan) };
}

/** What may change while a picture is captured. */
export function pictureConstraints(plan: PicturePlan | null): MediaTrackConstraints {
  const { height, frameRate } = plan ?? FIRST_PICTURE;
  return { ...(height === null ? {} : { height: { ideal: height } }), frameRate: { ideal: frameRate } };
}

/** What may change while a screen is shared. `max`, because browsers take no ideal as a limit there. */
export function screenConstraints({ height, frameRate }: PicturePlan): MediaTrackConstraints {
  return { ...(height === null ? {} : { height: { max: height } }), frameRate: { max: frameRate } };
}

/** Options that not all browsers know, and that TypeScript does not yet. */
interface ScreenOptions extends DisplayMediaStreamOptions {
  readonly selfBrowserSurface: "exclude";
  readonly surfaceSwitching: "include";
  readonly systemAudio: "include" | "exclude";
}

/**
 * What to ask of a shared screen. The sound of this page belongs to the others, who would hear themselves: Chromium
 * leaves it out by `restrictOwnAudio`, elsewhere only echo cancellation helps.
 */
export function screenOptions(mode: ScreenMode, hasSound: boolean): ScreenOptions {
  const known: object = navigator.mediaDevices.getSupportedConstraints();
  const hasOwnAudio = "restrictOwnAudio" in known;
  const sound: MediaTrackConstraints & { readonly restrictOwnAudio?: boolean } = {
    ...(hasOwnAudio ? { restrictOwnAudio: true } : {}),
    echoCancellation: !hasOwnAudio,
    noiseSuppression: false,
    autoGainControl: false,
    channelCount: { ideal: 2 },
  };
  return {
    video: { frameRate: { ideal: SCREEN_FRAME_RATES[mode], max: SCREEN_FRAME_RATES.motion } },
    audio: hasSound && sound,
    selfBrowserSurface: "exclude",
    surfaceSwitching: "include",
    systemAudio: hasSound ? "include" : "exclude",
  };
}

/** The hint of a plan, by which encoders decide between sharpness and motion. */
export function hintTrack(track: MediaStreamTrack, plan: MediaPlan[keyof MediaPlan]): void {
  if (plan !== null && track.contentHint !== plan.contentHint) track.contentHint = plan.contentHint;
}

function exactly(id: DeviceId): MediaTrackConstraints {
  return id === null ? {} : { deviceId: { exact: id } };
}
