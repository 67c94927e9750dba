import type { ParticipantId } from "../ids.ts";

/** Who speaks, and how loudly each participant has been lately. */
export interface SpeakerState {
  readonly speaker: ParticipantId | null;
  readonly since: number;
  /** Somebody who is louder, but not for long enough yet. */
  readonly challenger: { readonly participantId: ParticipantId; readonly since: number } | null;
  readonly scores: ReadonlyMap<ParticipantId, number>;
  readonly heardAt: number | null;
}

/** Nobody has spoken. */
export const NO_SPEAKER: SpeakerState = {
  speaker: null,
  since: 0,
  challenger: null,
  scores: new Map(),
  heardAt: null,
};

/** Levels are the root mean square of the samples, from 0 to 1. Rooms are louder than nothing. */
export const SPEECH_MIN_LEVEL = 0.01;
/** Somebody else has to be this much louder … */
const LOUDER_FACTOR = 1.5;
/** … for this long, so that coughs and doors do not count. */
const CHALLENGE_MS = 400;
/** The picture stays for this long, however lively the talk. */
export const HOLD_MS = 1_500;
/** A score moves half-way to a louder level in this time, and falls more slowly, over the pauses between words. */
const RISE_MS = 150;
const FALL_MS = 300;

/**
 * Takes the present level of each participant. Whoever is clearly the loudest for a while becomes the speaker, and
 * stays it in silence: nobody wants to look at somebody else because a sentence has ended.
 */
export function hearLevels(
  state: SpeakerState,
  levels: ReadonlyMap<ParticipantId, number>,
  nowMs: number,
): SpeakerState {
  const passedMs = Math.max(0, nowMs - (state.heardAt ?? nowMs));
  const scores = new Map<ParticipantId, number>();
  for (const [participantId, level] of levels) {
    scores.set(participantId, follow(state.scores.get(participantId) ?? 0, level, passedMs));
  }
  // A speaker who has left is replaced at once.
  const speaker = state.speaker !== null && levels.has(state.speaker) ? state.speaker : null;
  const loudest = findLoudest(scores);
  const next = { ...state, speaker, scores, heardAt: nowMs, challenger: null };
  if (loudest === null || loudest === speaker) return next;
  if (speaker === null) return { ...next, speaker: loudest, since: nowMs };
  if ((scores.get(loudest) ?? 0) < (scores.get(speaker) ?? 0) * LOUDER_FACTOR) return next;
  const since = state.challenger?.participantId === loudest ? state.challenger.since : nowMs;
  if (nowMs - since >= CHALLENGE_MS && nowMs - state.since >= HOLD_MS) {
    return { ...next, speaker: loudest, since: nowMs };
  }
  return { ...next, challenger: { participantId: loudest, since } };
}

/** Moves a score towards a level, independently of how often levels are taken. */
function follow(score: number, level: number, passedMs: number): number {
  const halfMs = level > score ? RISE_MS : FALL_MS;
  return level + (score - level) * 2 ** (-passedMs / halfMs);
}

function findLoudest(scores: ReadonlyMap<ParticipantId, number>): ParticipantId | null {
  let loudest: ParticipantId | null = null;
  let highest = SPEECH_MIN_LEVEL;
  for (const [participantId, score] of scores) {
    if (score > highest) [loudest, highest] = [participantId, score];
  }
  return loudest;
}
