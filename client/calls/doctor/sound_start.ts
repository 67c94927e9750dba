import { pauseUntilOpen } from "../../net/wait.ts";
import type { SoundContext } from "../media/sound_context.ts";

/** Browsers that have nothing to play sound on wait for ever. */
const START_TIMEOUT_MS = 3_000;

/** Uses the context as long as `work` takes; returns null if it does not start. */
export async function withSound<T>(
  sounds: SoundContext,
  signal: AbortSignal,
  work: (context: AudioContext) => Promise<T>,
): Promise<T | null> {
  const context = sounds.use();
  try {
    const hasStarted = await startsWithin(
      sounds,
      AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT_MS)]),
    );
    signal.throwIfAborted();
    return hasStarted ? await work(context) : null;
  } finally {
    sounds.release();
  }
}

async function startsWithin({ isRunning }: SoundContext, late: AbortSignal): Promise<boolean> {
  try {
    await pauseUntilOpen(isRunning, 0, late);
    return true;
  } catch {
    return false;
  }
}
