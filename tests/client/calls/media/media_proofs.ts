import { expect } from "vitest";
import { countPictures, soundLevel } from "../../../support/call_browser.ts";
import { PATIENCE } from "./media_kit.ts";
import type { PartsTest } from "./media_kit.ts";

/** The beep of the made-up microphone is far louder. */
export const BEEP_MIN_LEVEL = 0.05;

type OnPage = Pick<PartsTest<never>, "page">;

/** Waits until the element shows a picture that moves. */
export async function expectPictures(test: OnPage, selector: string): Promise<void> {
  await expect.poll(() => countPictures(test.page, selector, { enough: 2 }), PATIENCE).toBeGreaterThanOrEqual(
    2,
  );
}

/** Waits until the element plays a sound. */
export async function expectSound(test: OnPage, selector: string): Promise<void> {
  const level = () => soundLevel(test.page, selector, { enough: BEEP_MIN_LEVEL });
  await expect.poll(level, PATIENCE).toBeGreaterThanOrEqual(BEEP_MIN_LEVEL);
}
