import { pause } from "../../net/wait.ts";
import type { SoundContext } from "../media/sound_context.ts";
import type { DeviceFinding } from "./findings.ts";
import { withSound } from "./sound_start.ts";
import { testDevice } from "./test_device.ts";
import type { TestedDevice } from "./test_device.ts";

/** Long enough to read "Say something" and to do so. */
const LISTEN_MS = 8_000;
const READ_EACH_MS = 50;
/** A quiet room is below this root mean square, speech above it. */
const SOUND_MIN_LEVEL = 0.015;
/** One click of a plug is not speech. */
const SOUNDS_MIN_COUNT = 3;

/** Options of `testMicrophone`. */
export interface MicrophoneOptions extends TestedDevice {
  readonly sounds: SoundContext;
  /** Called with each level, from 0 to 1. */
  readonly onLevel: (level: number) => void;
}

/** Listens to the microphone until it hears something, at most 8 s. */
export async function testMicrophone(options: MicrophoneOptions): Promise<DeviceFinding> {
  try {
    return await testDevice("mic", options, async (track) => {
      const { sounds, signal } = options;
      return await withSound(sounds, signal, (context) => listen(context, track, options)) ?? "unmeasured";
    });
  } finally {
    options.onLevel(0);
  }
}

async function listen(
  context: AudioContext,
  track: MediaStreamTrack,
  { onLevel, signal }: MicrophoneOptions,
): Promise<"works" | "silent"> {
  const analyser = context.createAnalyser();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  try {
    const samples = new Float32Array(analyser.fftSize);
    let soundCount = 0;
    for (const endsAt = performance.now() + LISTEN_MS; performance.now() < endsAt;) {
      analyser.getFloatTimeDomainData(samples);
      const level = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      onLevel(Math.min(1, level));
      if (level >= SOUND_MIN_LEVEL && ++soundCount >= SOUNDS_MIN_COUNT) return "works";
      await pause(READ_EACH_MS, signal);
    }
    return "silent";
  } finally {
    source.disconnect();
  }
}
