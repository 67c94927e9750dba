import { pause } from "../../net/wait.ts";
import type { DeviceFinding } from "./findings.ts";
import { testDevice } from "./test_device.ts";
import type { TestedDevice } from "./test_device.ts";

const WATCH_MAX_MS = 6_000;
/** So that people see themselves. */
const WATCH_MIN_MS = 2_000;
const LOOK_EACH_MS = 100;
const [WIDTH, HEIGHT] = [64, 48];
/** Sensors are noisy: a picture of which not one part changes by this much comes from no sensor. */
const CHANGE_MIN = 2;
const CHANGES_MIN_COUNT = 3;

/** Options of `testCamera`. */
export interface CameraOptions extends TestedDevice {
  /** Called with the picture to show, and with null when the test ends. */
  readonly onPicture: (track: MediaStreamTrack | null) => void;
}

/** Watches the picture of the camera until it has changed, at most 6 s. */
export async function testCamera(options: CameraOptions): Promise<DeviceFinding> {
  const { onPicture, signal } = options;
  try {
    return await testDevice("cam", options, (track) => {
      onPicture(track);
      return watch(track, signal);
    });
  } finally {
    onPicture(null);
  }
}

async function watch(track: MediaStreamTrack, signal: AbortSignal): Promise<"works" | "silent"> {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT).getContext("2d", { willReadFrequently: true });
  if (canvas === null) return "silent";
  try {
    // Where it may not play by itself, the picture stands still, which is told below.
    await video.play().catch(() => {});
    const startedAt = performance.now();
    let before: Uint8ClampedArray | null = null;
    let changeCount = 0;
    while (performance.now() - startedAt < WATCH_MAX_MS) {
      if (video.videoWidth > 0) {
        canvas.drawImage(video, 0, 0, WIDTH, HEIGHT);
        const { data } = canvas.getImageData(0, 0, WIDTH, HEIGHT);
        if (before !== null && hasChanged(before, data)) changeCount++;
        before = data;
      }
      if (changeCount >= CHANGES_MIN_COUNT && performance.now() - startedAt >= WATCH_MIN_MS) return "works";
      await pause(LOOK_EACH_MS, signal);
    }
    return changeCount >= CHANGES_MIN_COUNT ? "works" : "silent";
  } finally {
    video.srcObject = null;
  }
}

function hasChanged(before: Uint8ClampedArray, after: Uint8ClampedArray): boolean {
  return after.some((value, index) => Math.abs(value - (before[index] ?? value)) >= CHANGE_MIN);
}
