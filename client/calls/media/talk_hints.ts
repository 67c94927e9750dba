/** Louder than the noise of a room, which the browser suppresses anyway. */
export const TALK_MIN_LEVEL = 0.02;
/** Nobody is warned because of a cough. */
export const TALK_MS = 600;
/** The warning goes when one has been quiet for this long. */
export const TALK_OVER_MS = 3_000;
/** Less than the smallest step of 16 bits: a microphone that works is never as silent as that. */
const DEAD_LEVEL = 1 / 2 ** 15;
/** After so much silence of a microphone that is on, its person is told. */
export const DEAD_MIC_MS = 10_000;
/** Timers that come later than this were held up, and nothing was heard meanwhile. */
const STEP_MAX_MS = 1_500;

/** What is noticed about the microphone of this device. */
export interface TalkHints {
  readonly isTalkingWhileMuted: boolean;
  /** It is on, and no sound comes. */
  readonly isMicSilent: boolean;
  readonly talkedMs: number;
  readonly quietMs: number;
  readonly deadMs: number;
}

/** Nothing was heard yet. */
export const NO_HINTS: TalkHints = {
  isTalkingWhileMuted: false,
  isMicSilent: false,
  talkedMs: 0,
  quietMs: 0,
  deadMs: 0,
};

/** What was heard since the last time. */
export interface HeardLevel {
  readonly level: number;
  /** Whether it is sent. */
  readonly isOn: boolean;
  readonly passedMs: number;
}

/** Takes the present level of the microphone, from 0 to 1. */
export function hearOwnLevel(before: TalkHints, { level, isOn, passedMs }: HeardLevel): TalkHints {
  const stepMs = Math.min(passedMs, STEP_MAX_MS);
  const deadMs = isOn && level < DEAD_LEVEL ? before.deadMs + stepMs : 0;
  const silence = { deadMs, isMicSilent: deadMs >= DEAD_MIC_MS };
  if (isOn) return { ...NO_HINTS, ...silence };
  const isLoud = level >= TALK_MIN_LEVEL;
  // Between words it falls slowly, so that a sentence counts and single noises do not.
  const talkedMs = isLoud
    ? Math.min(TALK_MS, before.talkedMs + stepMs)
    : Math.max(0, before.talkedMs - stepMs / 4);
  const quietMs = isLoud ? 0 : before.quietMs + stepMs;
  const isTalkingWhileMuted = talkedMs >= TALK_MS || (before.isTalkingWhileMuted && quietMs < TALK_OVER_MS);
  return { ...silence, isTalkingWhileMuted, talkedMs, quietMs };
}
