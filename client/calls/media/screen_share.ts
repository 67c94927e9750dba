import { batch, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { MediaPlan, ScreenMode } from "../../../shared/call/media_plan.ts";
import { hintTrack, screenConstraints, screenOptions } from "./capture_constraints.ts";

/** What is shared; the sound is null if the person chose none or the browser gives none. */
export interface SharedScreen {
  readonly picture: MediaStreamTrack;
  readonly sound: MediaStreamTrack | null;
}

/** Options of `ScreenShare`. */
export interface ScreenShareOptions {
  readonly mode: ReadonlySignal<ScreenMode>;
  /** Also when the dialog was closed. */
  readonly onFailed: (error: unknown) => void;
  /** The browser's own bar ended it, or the window that was shared is gone. */
  readonly onEnded: () => void;
  /** Sound was asked for, and none came. */
  readonly onSilent: () => void;
}

/** Whether this browser shares screens; no phone does. */
export function canShareScreen(): boolean {
  return "getDisplayMedia" in (navigator.mediaDevices ?? {});
}

/** A screen, window or tab that is shared. */
export class ScreenShare implements Disposable {
  readonly #options: ScreenShareOptions;
  readonly #shared = signal<SharedScreen | null>(null);
  #plan: MediaPlan | null = null;
  /** Changes with each request, so that the answer to an earlier one is known as such. */
  #request: object | null = null;
  #unfollow = new AbortController();

  readonly shared: ReadonlySignal<SharedScreen | null> = this.#shared;

  constructor(options: ScreenShareOptions) {
    this.#options = options;
  }

  /** Whether a screen is shared or asked for. */
  get isHeld(): boolean {
    return this.#request !== null;
  }

  /** Asks for a screen. To be called in the turn of a click: browsers show the dialog only then. */
  async start(hasSound: boolean): Promise<void> {
    if (this.#request !== null) return;
    const request = {};
    this.#request = request;
    const { mode, onFailed, onSilent } = this.#options;
    let stream: MediaStream;
    try {
      stream = await ask(mode.peek(), hasSound);
    } catch (error) {
      if (this.#request !== request) return;
      this.#request = null;
      return onFailed(error);
    }
    const [picture] = stream.getVideoTracks();
    const [sound = null] = stream.getAudioTracks();
    if (this.#request !== request || picture === undefined) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    this.#follow(picture, sound);
    batch(() => {
      this.#shared.value = { picture, sound };
      this.#applyPlan();
      if (hasSound && sound === null) onSilent();
    });
  }

  /** Ends the sharing, or the request. */
  stop(): void {
    this.#request = null;
    this.#unfollow.abort();
    const shared = this.#shared.peek();
    shared?.picture.stop();
    shared?.sound?.stop();
    this.#shared.value = null;
  }

  /** Applies size, frame rate and hints, also while a screen is shared. */
  plan(plan: MediaPlan): void {
    this.#plan = plan;
    this.#applyPlan();
  }

  /** Ends the sharing. */
  [Symbol.dispose](): void {
    this.stop();
  }

  #follow(picture: MediaStreamTrack, sound: MediaStreamTrack | null): void {
    this.#unfollow = new AbortController();
    const { signal } = this.#unfollow;
    picture.addEventListener("ended", () => {
      this.stop();
      this.#options.onEnded();
    }, { signal });
    // A tab that is shared may lose its sound alone, by a change of what is shared.
    sound?.addEventListener("ended", () => {
      this.#shared.value = { picture, sound: null };
      this.#options.onSilent();
    }, { signal });
  }

  #applyPlan(): void {
    const shared = this.#shared.peek();
    if (shared === null || this.#plan === null) return;
    const { screen, screenAudio } = this.#plan;
    hintTrack(shared.picture, screen);
    if (shared.sound !== null) hintTrack(shared.sound, screenAudio);
    // What a screen cannot do is left to the encoder, which scales too.
    if (screen !== null) shared.picture.applyConstraints(screenConstraints(screen)).catch(() => {});
  }
}

function ask(mode: ScreenMode, hasSound: boolean): Promise<MediaStream> {
  if (!canShareScreen()) {
    return Promise.reject(new DOMException("This browser shares no screens", "NotSupportedError"));
  }
  return navigator.mediaDevices.getDisplayMedia(screenOptions(mode, hasSound));
}
