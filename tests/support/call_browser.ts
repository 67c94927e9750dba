import { openBrowser } from "./browser.ts";
import type { Page, TestBrowser } from "./browser.ts";

const FAKE_DEVICE = "--use-fake-device-for-media-stream";
const TWO_DEVICES = "--use-fake-device-for-media-stream=device-count=2";
const FAKE_UI = "--use-fake-ui-for-media-stream";
const NO_GESTURE = "--autoplay-policy=no-user-gesture-required";
/** Besides devices that are made up: permission to use them, and candidates on loopback with their real addresses. */
const CALL_FLAGS = [
  FAKE_UI,
  "--allow-loopback-in-peer-connection",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
  NO_GESTURE,
];

export interface CallBrowserOptions {
  /** Two cameras and two microphones instead of one each. */
  readonly hasTwoDevices?: boolean;
  /** Asks for permission like any browser; `newContext({ permissions: [] })` refuses it. */
  readonly asksForPermission?: boolean;
  /** Plays nothing before the first gesture, like any browser. */
  readonly asksForGesture?: boolean;
  /** A WAV file that the microphone plays again and again instead of its beeps. */
  readonly microphoneFile?: string;
  /** More flags. */
  readonly flags?: readonly string[];
}

/** Starts a Chromium for calls over loopback, with a camera that moves and a microphone that beeps. */
export function openCallBrowser(options: CallBrowserOptions = {}): Promise<TestBrowser> {
  const { hasTwoDevices, asksForPermission, asksForGesture, microphoneFile, flags = [] } = options;
  const left = CALL_FLAGS.filter((flag) =>
    !(asksForPermission === true && flag === FAKE_UI) && !(asksForGesture === true && flag === NO_GESTURE)
  );
  return openBrowser({
    flags: [
      hasTwoDevices === true ? TWO_DEVICES : FAKE_DEVICE,
      ...left,
      ...(microphoneFile === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphoneFile}`]),
      ...flags,
    ],
  });
}

/** How much of the picture has to differ for two to count as different, in thousandths. */
const CHANGED_MIN_PERMILLE = 2;

/** How long something is watched, and what is enough to know before that. */
export interface WatchOptions {
  readonly withinMs?: number;
  readonly enough?: number;
}

/**
 * Counts how often the picture of a video element changes within a time. A video that stands still, that is empty or
 * that is not there counts 0, whatever its track says about itself.
 */
export function countPictures(
  page: Page,
  selector: string,
  { withinMs = 1_000, enough = Infinity }: WatchOptions = {},
): Promise<number> {
  return page.evaluate(async ({ selector, withinMs, enough, minPermille }) => {
    const [width, height] = [64, 48];
    const canvas = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    let before: Uint8ClampedArray | null = null;
    let count = 0;
    for (const endsAt = performance.now() + withinMs; performance.now() < endsAt && count < enough;) {
      const video = document.querySelector<HTMLVideoElement>(selector);
      if (canvas !== null && video !== null && video.videoWidth > 0) {
        canvas.drawImage(video, 0, 0, width, height);
        const { data } = canvas.getImageData(0, 0, width, height);
        const last = before;
        const changedCount = last === null
          ? 0
          : data.reduce((sum, value, index) => sum + Number(Math.abs(value - (last[index] ?? 0)) > 8), 0);
        if (changedCount * 1_000 >= data.length * minPermille) count++;
        if (last === null || changedCount * 1_000 >= data.length * minPermille) before = data;
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return count;
  }, { selector, withinMs, enough, minPermille: CHANGED_MIN_PERMILLE });
}

/**
 * The loudest level of a media element within a time, as root mean square from 0 to 1. The beep of the made-up
 * microphone comes once a second. An element that is paused or muted counts 0.
 */
export function soundLevel(
  page: Page,
  selector: string,
  { withinMs = 2_500, enough = 1 }: WatchOptions = {},
): Promise<number> {
  return page.evaluate(async ({ selector, withinMs, enough }) => {
    const element = document.querySelector<HTMLMediaElement>(selector);
    const stream = element?.srcObject;
    const isHeard = element !== null && !element.paused && !element.muted && element.volume > 0;
    if (!(stream instanceof MediaStream) || stream.getAudioTracks().length === 0 || !isHeard) return 0;
    const context = new AudioContext();
    try {
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      let loudest = 0;
      for (const endsAt = performance.now() + withinMs; performance.now() < endsAt && loudest < enough;) {
        analyser.getFloatTimeDomainData(samples);
        const sum = samples.reduce((total, sample) => total + sample * sample, 0);
        loudest = Math.max(loudest, Math.sqrt(sum / samples.length));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return loudest;
    } finally {
      await context.close();
    }
  }, { selector, withinMs, enough });
}
