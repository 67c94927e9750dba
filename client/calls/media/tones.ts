import { pauseUntilOpen } from "../../net/wait.ts";
import type { Tone, TonePlayer } from "../call_parts.ts";
import type { DevicesModel } from "./devices_model.ts";
import type { SoundContext } from "./sound_context.ts";
import type { ToneName } from "./tone_shapes.ts";

/** Options of `Tones`. */
export interface TonesOptions {
  readonly sounds: SoundContext;
  readonly devices: DevicesModel;
}

/** In larger calls people come and go too often for chimes. */
const CHIME_MAX_COUNT = 6;
/** Held by the tab of a browser that rings. */
const RING_LOCK = "parley ring";
/** A chime that could not sound by then is no news any more. */
const CHIME_LATE_MS = 1_000;

/** The sounds of calls themselves. Nothing sounds before the first gesture of the tab. */
export class Tones implements TonePlayer, Disposable {
  readonly #options: TonesOptions;
  readonly #rendered = new Map<ToneName, Promise<AudioBuffer>>();
  readonly #disposed = new AbortController();
  #tone: Tone = null;
  #ending = new AbortController();

  constructor(options: TonesOptions) {
    this.#options = options;
  }

  /** Plays a tone until another one, or null. */
  play(tone: Tone): void {
    if (tone === this.#tone) return;
    this.#tone = tone;
    this.#ending.abort();
    this.#ending = new AbortController();
    if (tone !== null) void this.#sound(tone, this.#ending.signal);
  }

  /** Tells that somebody has joined or left; `participantCount` is how many there are now. */
  chime(what: "join" | "leave", participantCount: number): void {
    const { hasChimes } = this.#options.devices.preferences.settings.peek();
    if (!hasChimes || participantCount > CHIME_MAX_COUNT) return;
    void this.#sound(what, this.#disposed.signal, AbortSignal.timeout(CHIME_LATE_MS));
  }

  /** Plays something by which a person hears whether the loudspeaker works; resolves when it is over. */
  test(): Promise<void> {
    return this.#sound("test", this.#disposed.signal);
  }

  /** Stops everything. */
  [Symbol.dispose](): void {
    this.play(null);
    this.#disposed.abort();
  }

  /** Plays until its end, or until `stop`; if it cannot begin before `late`, not at all. */
  async #sound(name: ToneName, stop: AbortSignal, late: AbortSignal = stop): Promise<void> {
    const { sounds } = this.#options;
    const context = sounds.use();
    try {
      await pauseUntilOpen(sounds.isRunning, 0, AbortSignal.any([stop, late]));
      const play = () => this.#play(context, name, stop);
      // Tabs that may not sound yet do not keep the others from it.
      await (name === "ring" ? alone(play, stop) : play());
    } catch {
      // It was stopped before it began, or could not be loaded: cards and texts say the same.
    } finally {
      sounds.release();
    }
  }

  async #play(context: AudioContext, name: ToneName, stop: AbortSignal): Promise<void> {
    const { openOutput, playBuffer, renderTone } = await import("./tone_output.ts");
    const rendered = this.#rendered.get(name) ?? renderTone(name, context.sampleRate);
    this.#rendered.set(name, rendered);
    const buffer = await rendered;
    if (stop.aborted) return;
    // It rings where it is heard in the room: a headset may lie on the table.
    const sink = name === "ring" ? "" : this.#options.devices.wantedSpeaker();
    using output = await openOutput(context, sink);
    // It may have been answered while the loudspeaker was opened.
    if (stop.aborted) return;
    await playBuffer(context, output.node, { name, buffer, stop });
  }
}

/** Of several tabs of one browser, one rings. */
async function alone(play: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const locks: LockManager | undefined = navigator.locks;
  await (locks === undefined ? play() : locks.request(RING_LOCK, { signal }, play));
}
