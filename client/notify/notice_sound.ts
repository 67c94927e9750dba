const PITCHES_HZ = [659.25, 880] as const;
const TONE_SECONDS = 0.14;
const LOUDNESS = 0.12;
/** A sound that could not start by then is no news any more. */
const LATE_MS = 1_000;

/** The sound of a notification: two short tones. Browsers play nothing before the first gesture in the tab. */
export class NoticeSound implements Disposable {
  #context: AudioContext | null = null;

  /** Plays it, if the browser lets it start within a second; resolves with whether it did. */
  async play(): Promise<boolean> {
    if (!navigator.userActivation?.hasBeenActive) return false;
    const context = this.#context ??= new AudioContext();
    let isLate = false;
    const late = setTimeout(() => isLate = true, LATE_MS);
    try {
      await context.resume();
    } catch {
      return false;
    } finally {
      clearTimeout(late);
    }
    if (isLate || context.state !== "running") return false;
    PITCHES_HZ.forEach((pitchHz, index) =>
      sound(context, pitchHz, context.currentTime + index * TONE_SECONDS)
    );
    return true;
  }

  /** Releases the loudspeaker. */
  [Symbol.dispose](): void {
    void this.#context?.close();
    this.#context = null;
  }
}

function sound(context: AudioContext, pitchHz: number, at: number): void {
  const tone = new OscillatorNode(context, { frequency: pitchHz, type: "sine" });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 2 * TONE_SECONDS);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 2 * TONE_SECONDS);
}
