import { pause } from "../../net/wait.ts";

const START_TIMEOUT_MS = 3_000;

/** Starts an audio context; null if the browser has nothing to play it on, in which case Firefox waits for ever. */
export async function startAudioContext(signal?: AbortSignal): Promise<AudioContext | null> {
  const context = new AudioContext();
  const started = new AbortController();
  try {
    const late = pause(
      START_TIMEOUT_MS,
      AbortSignal.any([started.signal, ...signal === undefined ? [] : [signal]]),
    );
    if (await Promise.race([context.resume().then(() => true), late.then(() => false)])) return context;
  } finally {
    started.abort();
  }
  await context.close();
  return null;
}
