import type { CallDevice } from "./call_device.ts";

const LOOK_MS = 10;

/** Watches from now on for how long no new picture of somebody is shown. */
export async function watchPictures({ page, elementOf }: CallDevice, other: CallDevice): Promise<void> {
  await page.evaluate(({ selector, lookMs }) => {
    let [longestMs, gapMs, lookedAt] = [0, 0, performance.now()];
    // A handover brings another element, which counts anew.
    const counts = new WeakMap<HTMLVideoElement, number>();
    const look = () => {
      let isNew = false;
      for (const video of document.querySelectorAll<HTMLVideoElement>(selector)) {
        const count = video.getVideoPlaybackQuality().totalVideoFrames;
        isNew ||= count > (counts.get(video) ?? 0);
        counts.set(video, count);
      }
      // While a busy page did not look, pictures went on: it has seen no gap then.
      const now = performance.now();
      gapMs = isNew ? 0 : gapMs + now - lookedAt;
      lookedAt = now;
      longestMs = Math.max(longestMs, gapMs);
      return longestMs;
    };
    clearInterval(Reflect.get(globalThis, "pictureTimer"));
    Object.assign(globalThis, { pictureTimer: setInterval(look, lookMs), longestPictureGap: look });
  }, { selector: elementOf(other.person.id, "cam"), lookMs: LOOK_MS });
}

/** The longest time without a new picture since `watchPictures`, in milliseconds. */
export function longestGapMs({ page }: CallDevice): Promise<number> {
  return page.evaluate(() => (Reflect.get(globalThis, "longestPictureGap") as () => number)());
}
