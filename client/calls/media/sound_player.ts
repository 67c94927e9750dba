import type { SoundContext } from "./sound_context.ts";

/** Options of `SoundPlayer`. */
export interface SoundPlayerOptions {
  readonly sounds: SoundContext;
  /** Whether the browser refuses to play without a gesture. */
  readonly onBlocked: (isBlocked: boolean) => void;
}

/**
 * Plays one sound of somebody else. An element is used, because through WebAudio it would escape echo cancellation in
 * Chromium; only on iOS, where elements have no volume, it is turned down by WebAudio.
 */
export class SoundPlayer implements Disposable {
  readonly #options: SoundPlayerOptions;
  readonly #element = document.createElement("audio");
  #volume = 1;
  #sink = "";
  #gain: { readonly node: GainNode; readonly source: MediaStreamAudioSourceNode } | null = null;

  constructor(track: MediaStreamTrack, options: SoundPlayerOptions) {
    this.#options = options;
    this.#element.srcObject = new MediaStream([track]);
    // Some browsers play only what is in the document.
    document.body.append(this.#element);
    void this.play();
  }

  /** Names the element, for tests and for people who look into the page. */
  set name(name: string) {
    this.#element.dataset.sound = name;
  }

  /** Plays another track instead. */
  replace(track: MediaStreamTrack): void {
    this.#element.srcObject = new MediaStream([track]);
    if (this.#gain !== null) this.#openGain();
    void this.play();
  }

  /** Whether this track is played. */
  plays(track: MediaStreamTrack): boolean {
    return this.#element.srcObject instanceof MediaStream && this.#element.srcObject.getTracks()[0] === track;
  }

  /** Plays, if it does not. `autoplay` alone would leave people deaf without an error. */
  async play(): Promise<void> {
    if (!this.#element.paused) return;
    try {
      await this.#element.play();
      this.#options.onBlocked(false);
    } catch (error) {
      // Anything else means that the track was replaced meanwhile.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.#options.onBlocked(true);
    }
  }

  /** Sets how loud it is, from 0 to 1. */
  setVolume(volume: number): void {
    if (volume === this.#volume) return;
    this.#volume = volume;
    if (hasElementVolume()) this.#element.volume = volume;
    else if (this.#gain !== null) this.#gain.node.gain.value = volume;
    else this.#openGain();
  }

  /** Plays on another loudspeaker: "" for the default. */
  setSink(sink: string): void {
    if (sink === this.#sink || !("setSinkId" in this.#element)) return;
    this.#sink = sink;
    // One that is gone or not allowed any more leaves the sound where it is.
    this.#element.setSinkId(sink).catch(() => {});
  }

  /** Frees the element and the nodes. */
  [Symbol.dispose](): void {
    this.#closeGain();
    this.#element.pause();
    this.#element.srcObject = null;
    this.#element.remove();
    this.#options.onBlocked(false);
  }

  #openGain(): void {
    const { srcObject } = this.#element;
    if (!(srcObject instanceof MediaStream)) return;
    this.#closeGain();
    const context = this.#options.sounds.use();
    const node = context.createGain();
    node.gain.value = this.#volume;
    const source = context.createMediaStreamSource(srcObject);
    source.connect(node).connect(context.destination);
    this.#element.muted = true;
    this.#gain = { node, source };
  }

  #closeGain(): void {
    if (this.#gain === null) return;
    this.#gain.source.disconnect();
    this.#gain.node.disconnect();
    this.#gain = null;
    this.#options.sounds.release();
  }
}

let elementVolume: boolean | undefined;

/** On iOS the volume of an element is always 1. */
function hasElementVolume(): boolean {
  if (elementVolume === undefined) {
    const probe = document.createElement("audio");
    probe.volume = 0.5;
    elementVolume = probe.volume === 0.5;
  }
  return elementVolume;
}
