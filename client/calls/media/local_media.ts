import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Media, MediaKind } from "../../../shared/call/call_types.ts";
import type { MediaPlan, ScreenMode } from "../../../shared/call/media_plan.ts";
import type { MediaSource, Tracks } from "../call_parts.ts";
import { readCaptureFailure } from "./capture_failure.ts";
import type { CaptureFailure } from "./capture_failure.ts";
import { camConstraints, hintTrack, micConstraints, pictureConstraints } from "./capture_constraints.ts";
import type { DeviceId } from "./capture_constraints.ts";
import { CaptureQueue } from "./capture_queue.ts";
import { DeviceCapture } from "./device_capture.ts";
import { readPermission } from "./device_permission.ts";
import type { DeviceKind } from "./device_permission.ts";
import type { DeviceChoice } from "./call_preferences.ts";
import type { DevicesModel, WantedDevice } from "./devices_model.ts";
import { ScreenShare } from "./screen_share.ts";

/** Options of `LocalMedia`. */
export interface LocalMediaOptions {
  readonly devices: DevicesModel;
  /** It is off now, although it was to be on. */
  readonly onFailed: (kind: MediaKind, failure: CaptureFailure) => void;
  /** It is off now, without an error: the browser's own bar ended a shared screen, or it came without sound. */
  readonly onEnded: (kind: MediaKind) => void;
  /**
   * Whether there is a call. While there is, and the person wants to be warned, a muted microphone stays captured: it
   * is not sent, but metered here. Without it, muting releases the microphone.
   */
  readonly isInCall?: ReadonlySignal<boolean>;
}

const NOTHING: Media = { mic: false, cam: false, screen: false, screenAudio: false };
const KINDS: readonly DeviceKind[] = ["mic", "cam"];

/** Everything that this device captures. What is not held is released: the light of the camera goes off. */
export class LocalMedia implements MediaSource {
  readonly #options: LocalMediaOptions;
  readonly #queue = new CaptureQueue();
  readonly #captures: Readonly<Record<DeviceKind, DeviceCapture>>;
  readonly #screen: ScreenShare;
  readonly #held = signal<Media>(NOTHING);
  readonly #failures = signal<ReadonlyMap<MediaKind, CaptureFailure>>(new Map());
  readonly #stops: (() => void)[];
  /** The choices that have worked. */
  readonly #working: { [Kind in DeviceKind]?: DeviceChoice | null } = {};
  #plan: MediaPlan | null = null;
  #isRestoring = false;

  /** What is to be sent. */
  readonly tracks: ReadonlySignal<Tracks>;
  /** The captured microphone, also while it is muted. */
  readonly micTrack: ReadonlySignal<MediaStreamTrack | null>;
  /** Why what was wanted is off, or why a change of device was undone. */
  readonly failures: ReadonlySignal<ReadonlyMap<MediaKind, CaptureFailure>> = this.#failures;
  readonly screenMode: ReadonlySignal<ScreenMode>;

  constructor(options: LocalMediaOptions) {
    this.#options = options;
    const { devices: { preferences, lists } } = options;
    this.screenMode = preferences.pick("screenMode");
    this.#captures = { mic: this.#createCapture("mic"), cam: this.#createCapture("cam") };
    this.#screen = new ScreenShare({
      mode: this.screenMode,
      onFailed: (error) => void this.#failed("screen", error, null),
      onEnded: () => {
        for (const kind of ["screen", "screenAudio"] as const) if (this.#held.peek()[kind]) this.#ended(kind);
      },
      onSilent: () => this.#ended("screenAudio"),
    });
    const { mic, cam } = this.#captures;
    this.micTrack = mic.track;
    this.tracks = computed(() => {
      const held = this.#held.value;
      const shared = this.#screen.shared.value;
      return {
        mic: held.mic ? mic.track.value : null,
        cam: held.cam ? cam.track.value : null,
        screen: held.screen ? shared?.picture ?? null : null,
        screenAudio: held.screen && held.screenAudio ? shared?.sound ?? null : null,
      };
    });
    this.#stops = [
      ...this.#followChoices(),
      preferences.settings.subscribe(() => untracked(() => this.#releaseMuted())),
      lists.subscribe(() => untracked(() => KINDS.forEach((kind) => this.#captures[kind].devicesChanged()))),
      effect(() => {
        if (options.isInCall?.value !== true) untracked(() => this.#releaseMuted());
      }),
    ];
  }

  /** Captures these, and releases all others. For a screen, call it in the turn of a click. */
  hold(media: Media): void {
    batch(() => {
      const before = this.#held.peek();
      this.#held.value = media;
      const { mic, cam } = this.#captures;
      if (media.screen && !before.screen) void this.#screen.start(media.screenAudio);
      else if (!media.screen) this.#screen.stop();
      else if (media.screenAudio && !before.screenAudio) this.#askForSound();
      // What has failed is tried again only when it is switched on again.
      if (!media.cam || !before.cam) cam.want(media.cam);
      if (media.mic) {
        if (!before.mic) mic.want(true);
      } else if (!this.#keepsMuted()) mic.want(false);
      const started = (kind: MediaKind) => media[kind] && !before[kind];
      this.#forget(started);
    });
  }

  /** Sets the size, frame rate and hints of what is captured. */
  plan(plan: MediaPlan): void {
    this.#plan = plan;
    this.#screen.plan(plan);
    const { mic, cam } = this.#captures;
    const [micTrack, camTrack] = [mic.track.peek(), cam.track.peek()];
    if (micTrack !== null) hintTrack(micTrack, plan.mic);
    if (camTrack === null || plan.cam === null) return;
    hintTrack(camTrack, plan.cam);
    // What a camera cannot do is left to the encoder, which scales too.
    camTrack.applyConstraints(pictureConstraints(plan.cam)).catch(() => {});
  }

  /** Chooses between sharp text and smooth motion; it is remembered. */
  setScreenMode(screenMode: ScreenMode): void {
    this.#options.devices.preferences.set({ screenMode });
  }

  /** The person has read why something is off. */
  dismissFailure(kind: MediaKind): void {
    this.#forget((one) => one === kind);
  }

  /** Releases everything. */
  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    this.#held.value = NOTHING;
    for (const kind of KINDS) this.#captures[kind][Symbol.dispose]();
    this.#screen[Symbol.dispose]();
  }

  #createCapture(kind: DeviceKind): DeviceCapture {
    const { devices } = this.#options;
    return new DeviceCapture({
      kind,
      wanted: () => devices.wanted(kind),
      open: (id) => this.#queue.capture(kind, this.#constraints(kind, id)),
      refresh: () => devices.refresh(),
      onOpened: (track, isBack) => {
        hintTrack(track, this.#plan?.[kind] ?? null);
        if (!isBack) this.#working[kind] = devices.preferences.settings.peek()[kind];
        this.#forget((one) => one === kind);
        // Browsers name devices from now on.
        void devices.refresh();
      },
      onFailed: (error, wanted, isOff) => {
        if (!isOff) this.#restoreChoice(kind);
        void this.#failed(kind, error, wanted, isOff);
      },
    });
  }

  #constraints(kind: DeviceKind, id: DeviceId): MediaTrackConstraints {
    const settings = this.#options.devices.preferences.settings.peek();
    return kind === "mic"
      ? micConstraints(id, settings, this.#plan?.mic ?? null)
      : camConstraints(id, settings, this.#plan?.cam ?? null);
  }

  /** Captures anew when another device is chosen, or a switch that browsers do not change while they capture. */
  #followChoices(): (() => void)[] {
    const { preferences } = this.#options.devices;
    const watched = {
      mic: (["mic", "suppressesNoise", "cancelsEcho", "controlsGain"] as const).map((key) =>
        preferences.pick(key)
      ),
      cam: (["cam", "facing"] as const).map((key) => preferences.pick(key)),
    };
    return KINDS.map((kind) =>
      effect(() => {
        for (const setting of watched[kind]) setting.value;
        if (!this.#isRestoring) untracked(() => this.#captures[kind].change());
      })
    );
  }

  /** Shows what is in use after a change that failed, without capturing it once more. */
  #restoreChoice(kind: DeviceKind): void {
    this.#isRestoring = true;
    this.#options.devices.choose(kind, this.#working[kind] ?? null);
    this.#isRestoring = false;
  }

  #keepsMuted(): boolean {
    const { isInCall, devices: { preferences } } = this.#options;
    const { warnsWhenMuted, isPushToTalk } = preferences.settings.peek();
    return isInCall?.peek() === true && (warnsWhenMuted || isPushToTalk);
  }

  #releaseMuted(): void {
    const { mic } = this.#captures;
    if (mic.isHeld && !this.#held.peek().mic && !this.#keepsMuted()) mic.want(false);
  }

  async #failed(kind: MediaKind, error: unknown, wanted: WantedDevice | null, isOff = true): Promise<void> {
    const isDevice = kind === "mic" || kind === "cam";
    const permission = isDevice ? await readPermission(kind) : null;
    // It was switched on again meanwhile.
    if (isOff && isDevice && this.#captures[kind].isHeld) return;
    const failure = readCaptureFailure(error, { kind, permission, label: wanted?.label ?? null });
    const isScreenCancelled = kind === "screen" && failure.reason === "cancelled";
    if (!isScreenCancelled) this.#failures.value = new Map([...this.#failures.peek(), [kind, failure]]);
    if (!isOff) return;
    this.#held.value = { ...this.#held.peek(), [kind]: false };
    this.#options.onFailed(kind, failure);
  }

  /** A screen that was shared without sound gets none later: browsers would ask for everything anew. */
  #askForSound(): void {
    const shared = this.#screen.shared.peek();
    // Not within `hold`, which the engine calls while it carries out a change.
    if (shared !== null && shared.sound === null) queueMicrotask(() => this.#ended("screenAudio"));
  }

  #ended(kind: MediaKind): void {
    this.#held.value = { ...this.#held.peek(), [kind]: false };
    this.#options.onEnded(kind);
  }

  #forget(isOver: (kind: MediaKind) => boolean): void {
    const failures = [...this.#failures.peek()];
    const left = failures.filter(([kind]) => !isOver(kind));
    if (left.length < failures.length) this.#failures.value = new Map(left);
  }
}
