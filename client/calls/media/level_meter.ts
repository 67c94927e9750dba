import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { hearLevels, NO_SPEAKER } from "../../../shared/call/active_speaker.ts";
import type { ParticipantId } from "../../../shared/ids.ts";
import type { RemotePeer } from "../call_parts.ts";
import type { LocalMedia } from "./local_media.ts";
import type { SoundContext } from "./sound_context.ts";
import { hearOwnLevel, NO_HINTS } from "./talk_hints.ts";

/** Options of `LevelMeter`. */
export interface LevelMeterOptions {
  readonly sounds: SoundContext;
  readonly local: Pick<LocalMedia, "micTrack" | "tracks">;
  /** Nobody else in the lobby. Their tracks have to be played too: Chromium gives WebAudio only silence otherwise. */
  readonly peers?: ReadonlySignal<ReadonlyMap<ParticipantId, RemotePeer>>;
  /** This device among the participants. */
  readonly own?: ReadonlySignal<ParticipantId | null>;
}

/** How often levels are taken. */
const METER_MS = 100;
/** Samples of one look: most of `METER_MS` at 48 kHz, so that no syllable is overlooked. */
const LOOK_SAMPLES = 4_096;

/** Measures how loud everybody is, from 0 to 1, and who speaks. */
export class LevelMeter implements Disposable {
  readonly #options: LevelMeterOptions;
  readonly #meters = new Map<ParticipantId | null, TrackMeter>();
  readonly #levels = signal<ReadonlyMap<ParticipantId, number>>(new Map());
  readonly #ownLevel = signal(0);
  readonly #speaker = signal(NO_SPEAKER);
  readonly #hints = signal(NO_HINTS);
  readonly #stop: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lookedAt = 0;

  /** By participant, those who send a sound. */
  readonly levels: ReadonlySignal<ReadonlyMap<ParticipantId, number>> = this.#levels;
  /** Of the captured microphone, also while it is muted. */
  readonly ownLevel: ReadonlySignal<number> = this.#ownLevel;
  /** Who speaks, or did last. */
  readonly speaker: ReadonlySignal<ParticipantId | null> = computed(() => this.#speaker.value.speaker);
  /** Whether to tell this person that nobody hears them. */
  readonly isTalkingWhileMuted: ReadonlySignal<boolean> = computed(() =>
    this.#hints.value.isTalkingWhileMuted
  );
  /** Whether the microphone is on, but gave no sound for ten seconds. */
  readonly isMicSilent: ReadonlySignal<boolean> = computed(() => this.#hints.value.isMicSilent);

  constructor(options: LevelMeterOptions) {
    this.#options = options;
    this.#stop = effect(() => this.#follow());
  }

  /** Frees all nodes. */
  [Symbol.dispose](): void {
    this.#stop();
    for (const key of [...this.#meters.keys()]) this.#drop(key);
    clearInterval(this.#timer);
  }

  #follow(): void {
    const { local, peers } = this.#options;
    const wanted = new Map<ParticipantId | null, MediaStreamTrack>();
    const own = local.micTrack.value;
    if (own !== null) wanted.set(null, own);
    for (const peer of peers?.value.values() ?? []) {
      const { mic } = peer.tracks.value;
      if (mic !== null) wanted.set(peer.participantId, mic);
    }
    untracked(() => this.#measure(wanted));
  }

  #measure(wanted: ReadonlyMap<ParticipantId | null, MediaStreamTrack>): void {
    for (const [key, meter] of [...this.#meters]) if (wanted.get(key) !== meter.track) this.#drop(key);
    for (const [key, track] of wanted) {
      if (!this.#meters.has(key)) this.#meters.set(key, new TrackMeter(track, this.#options.sounds));
    }
    clearInterval(this.#timer);
    this.#look();
    this.#timer = this.#meters.size > 0 ? setInterval(() => this.#look(), METER_MS) : undefined;
  }

  #drop(key: ParticipantId | null): void {
    this.#meters.get(key)?.[Symbol.dispose]();
    this.#meters.delete(key);
  }

  #look(): void {
    const { local, own, sounds } = this.#options;
    const nowMs = performance.now();
    const passedMs = nowMs - this.#lookedAt;
    this.#lookedAt = nowMs;
    const isOn = local.tracks.peek().mic !== null;
    const ownLevel = this.#meters.get(null)?.read() ?? 0;
    const levels = new Map<ParticipantId, number>();
    for (const [key, meter] of this.#meters) if (key !== null) levels.set(key, meter.read());
    const ownId = own?.peek() ?? null;
    if (ownId !== null && isOn) levels.set(ownId, ownLevel);
    batch(() => {
      this.#ownLevel.value = ownLevel;
      this.#levels.value = levels;
      this.#speaker.value = hearLevels(this.#speaker.peek(), levels, nowMs);
      // A context that does not run yet hears nothing, which says nothing about the microphone.
      const hasHeard = sounds.isRunning.peek() && this.#meters.has(null);
      this.#hints.value = hasHeard
        ? hearOwnLevel(this.#hints.peek(), { level: ownLevel, isOn, passedMs })
        : NO_HINTS;
    });
  }
}

/** The level of one track. */
class TrackMeter implements Disposable {
  readonly track: MediaStreamTrack;
  readonly #sounds: SoundContext;
  readonly #source: MediaStreamAudioSourceNode;
  readonly #analyser: AnalyserNode;
  readonly #samples = new Float32Array(LOOK_SAMPLES);

  constructor(track: MediaStreamTrack, sounds: SoundContext) {
    this.track = track;
    this.#sounds = sounds;
    const context = sounds.use();
    this.#source = context.createMediaStreamSource(new MediaStream([track]));
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = LOOK_SAMPLES;
    this.#source.connect(this.#analyser);
  }

  /** The root mean square of the last samples, from 0 to 1. */
  read(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return Math.sqrt(sum / LOOK_SAMPLES);
  }

  [Symbol.dispose](): void {
    this.#source.disconnect();
    this.#analyser.disconnect();
    this.#sounds.release();
  }
}
