import { effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { SPEECH_MIN_LEVEL } from "../../shared/call/active_speaker.ts";
import type { ParticipantId } from "../../shared/ids.ts";

/** Who is heard, as `LevelMeter` measures it. */
export interface HeardPeople {
  readonly speaker: ReadonlySignal<ParticipantId | null>;
  /** Changes with each look. */
  readonly levels: ReadonlySignal<ReadonlyMap<ParticipantId, number>>;
}

/** A pause between words is still speech. */
const PAUSE_MS = 1_000;

/** Follows who speaks now; null in silence, in which the last speaker stays big but is not marked. */
export function followSpeaking(
  { speaker, levels }: HeardPeople,
  now: () => number = () => performance.now(),
): { readonly value: ReadonlySignal<ParticipantId | null>; readonly stop: () => void } {
  const value = signal<ParticipantId | null>(null);
  let heardAt = -Infinity;
  const stop = effect(() => {
    const who = speaker.value;
    const level = who === null ? 0 : levels.value.get(who) ?? 0;
    if (level >= SPEECH_MIN_LEVEL) heardAt = now();
    value.value = now() - heardAt < PAUSE_MS ? who : null;
  });
  return { value, stop };
}
