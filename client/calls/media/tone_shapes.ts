/** What can be played: the two tones of calls repeat, all others sound once. */
export type ToneName = "ring" | "ringback" | "join" | "leave" | "test";

interface Note {
  readonly atSeconds: number;
  readonly hertz: number;
  /** From 0 to 1. */
  readonly gain: number;
  /** Until it starts to fade: struck notes are at their loudest at once, soft ones swell. */
  readonly swellSeconds: number;
  readonly fadeSeconds: number;
}

/** A tone; silent after its last note. */
interface ToneShape {
  readonly lengthSeconds: number;
  readonly isRepeated: boolean;
  readonly notes: readonly Note[];
}

/** Equal temperament, from the A of 440 Hz. */
const C5 = 523.25;
const E5 = 659.26;
const G5 = 783.99;
const A4 = 440;
const C6 = 1_046.5;

/** A note like that of a marimba. */
function strike(atSeconds: number, hertz: number, gain: number): Note {
  return { atSeconds, hertz, gain, swellSeconds: 0.008, fadeSeconds: 0.9 };
}

/** A note that comes and goes. */
function swell(atSeconds: number, hertz: number, gain: number): Note {
  return { atSeconds, hertz, gain, swellSeconds: 0.15, fadeSeconds: 1.1 };
}

const SHAPES: Readonly<Record<ToneName, ToneShape>> = {
  ring: {
    lengthSeconds: 3.2,
    isRepeated: true,
    notes: [
      ...[C5, E5, G5, C6].map((hertz, index) => strike(index * 0.16, hertz, 0.5)),
      ...[G5, C6].map((hertz, index) => strike(0.96 + index * 0.16, hertz, 0.4)),
    ],
  },
  ringback: {
    lengthSeconds: 3.6,
    isRepeated: true,
    notes: [swell(0, A4, 0.22), swell(0.05, E5, 0.12)],
  },
  join: { lengthSeconds: 1, isRepeated: false, notes: [strike(0, G5, 0.22), strike(0.11, C6, 0.22)] },
  leave: { lengthSeconds: 1, isRepeated: false, notes: [strike(0, G5, 0.2), strike(0.11, C5, 0.2)] },
  test: {
    lengthSeconds: 1.8,
    isRepeated: false,
    notes: [C5, E5, G5, C6].map((hertz, index) => strike(index * 0.2, hertz, 0.4)),
  },
};

/** Overtones of a struck bar: how much higher, how loud, and how much sooner they are gone. */
const PARTIALS = [
  { factor: 1, gain: 1, fade: 1 },
  { factor: 2, gain: 0.18, fade: 0.6 },
  { factor: 4, gain: 0.12, fade: 0.25 },
] as const;
/** Silence, for curves that cannot reach zero. */
const NEARLY_NOTHING = 0.0001;

/** Whether a tone goes on until it is stopped. */
export function isRepeated(name: ToneName): boolean {
  return SHAPES[name].isRepeated;
}

/** Computes the samples of a tone. As a buffer it repeats without timers, which hidden tabs hold up. */
export function renderTone(name: ToneName, sampleRate: number): Promise<AudioBuffer> {
  const { lengthSeconds, notes } = SHAPES[name];
  const context = new OfflineAudioContext(1, Math.ceil(lengthSeconds * sampleRate), sampleRate);
  for (const note of notes) {
    for (const partial of PARTIALS) {
      const { atSeconds, swellSeconds } = note;
      const oscillator = context.createOscillator();
      oscillator.frequency.value = note.hertz * partial.factor;
      const envelope = context.createGain();
      const fadesAt = atSeconds + swellSeconds;
      const endsAt = fadesAt + note.fadeSeconds * partial.fade;
      envelope.gain.setValueAtTime(NEARLY_NOTHING, atSeconds);
      envelope.gain.linearRampToValueAtTime(note.gain * partial.gain, fadesAt);
      envelope.gain.exponentialRampToValueAtTime(NEARLY_NOTHING, endsAt);
      oscillator.connect(envelope).connect(context.destination);
      oscillator.start(atSeconds);
      oscillator.stop(endsAt);
    }
  }
  return context.startRendering();
}
