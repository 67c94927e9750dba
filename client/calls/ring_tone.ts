import { computed, effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { toneOf } from "../../shared/call/call_outputs.ts";
import type { CallState } from "../../shared/call/call_state.ts";
import type { Tone, TonePlayer } from "./call_parts.ts";

/** Options of `playTones`. */
export interface TonesOptions {
  readonly state: ReadonlySignal<CallState>;
  /** True while nothing may ring. */
  readonly isQuiet: ReadonlySignal<boolean>;
  readonly tones: TonePlayer;
}

/** Plays the tone that belongs to the state, until the returned function is called. */
export function playTones({ state, isQuiet, tones }: TonesOptions): () => void {
  const wanted = computed<Tone>(() => {
    const tone = toneOf(state.value);
    return tone === "ring" && isQuiet.value ? null : tone;
  });
  const stop = effect(() => {
    const tone = wanted.value;
    untracked(() => tones.play(tone));
  });
  return () => {
    stop();
    tones.play(null);
  };
}
