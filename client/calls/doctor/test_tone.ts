import { startAudioContext } from "./audio_context.ts";

/** Two notes a fifth apart, as of a door bell. */
const NOTES_HZ = [523.25, 783.99] as const;
const NOTE_SECONDS = 0.45;
const VOLUME = 0.25;

/** Plays the tone that people are asked whether they heard; false if there is nothing to play it on. */
export async function playTestTone(speakerId: string | null): Promise<boolean> {
  const context = await startAudioContext();
  if (context === null) return false;
  try {
    await chooseSpeaker(context, speakerId);
    const { promise, resolve } = Promise.withResolvers<void>();
    NOTES_HZ.forEach((frequency, index) => {
      const startsAt = context.currentTime + 0.05 + index * NOTE_SECONDS;
      const note = new OscillatorNode(context, { frequency, type: "triangle" });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(0, startsAt);
      gain.gain.linearRampToValueAtTime(VOLUME, startsAt + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, startsAt + NOTE_SECONDS);
      note.connect(gain).connect(context.destination);
      note.start(startsAt);
      note.stop(startsAt + NOTE_SECONDS);
      note.onended = index === NOTES_HZ.length - 1 ? () => resolve() : null;
    });
    await promise;
    return true;
  } finally {
    await context.close();
  }
}

/** Browsers without a choice of speakers play on the one of the system. */
async function chooseSpeaker(context: AudioContext, speakerId: string | null): Promise<void> {
  if (speakerId === null || !("setSinkId" in context)) return;
  try {
    await (context as AudioContext & { setSinkId(id: string): Promise<void> }).setSinkId(speakerId);
  } catch {
    // It was unplugged.
  }
}
