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
  /** Pages of insecure origins have none. */
  readonly locks: LockManager | undefined;
}

const LOCK = "parley-ring";

/**
 * Plays the tone that belongs to the state, until the returned function is called. Of the tabs of one browser that
 * ring, one is heard.
 */
export function playTones({ state, isQuiet, tones, locks }: TonesOptions): () => void {
  const wanted = computed<Tone>(() => {
    const tone = toneOf(state.value);
    return tone === "ring" && isQuiet.value ? null : tone;
  });
  const stop = effect(() => {
    const tone = wanted.value;
    return untracked(() => tone === "ring" && locks !== undefined ? inTurn(locks, tones) : play(tones, tone));
  });
  return () => {
    stop();
    tones.play(null);
  };
}

function play(tones: TonePlayer, tone: Tone): undefined {
  tones.play(tone);
}

/** Rings once no other tab does. */
function inTurn(locks: LockManager, tones: TonePlayer): () => void {
  const abort = new AbortController();
  const { promise: hasEnded, resolve: end } = Promise.withResolvers<void>();
  locks.request(LOCK, { signal: abort.signal }, () => {
    tones.play("ring");
    return hasEnded;
  }).catch(() => {
    // It stopped ringing before it was this tab's turn.
  });
  return () => {
    abort.abort();
    tones.play(null);
    end();
  };
}
