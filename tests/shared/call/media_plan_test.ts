import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planMedia, scaleDownBy, UPLOAD_MAX_BITS_PER_SECOND } from "../../../shared/call/media_plan.ts";
import type { MediaPlanOptions } from "../../../shared/call/media_plan.ts";
import { fitsMesh } from "../../../shared/call/mesh_limits.ts";

const ALL = { mic: true, cam: true, screen: true, screenAudio: true };

function plan(changes: Partial<MediaPlanOptions>) {
  return planMedia({
    participantCount: 2,
    media: ALL,
    screenMode: "detail",
    isScreenShared: false,
    ...changes,
  });
}

describe("planMedia()", () => {
  it("sends up to 720p between two, and 240p at 15 to 20 frames in larger meshes", () => {
    const sizes = [2, 3, 4, 6].map((participantCount) => {
      const { cam } = plan({ participantCount });
      return [cam?.height, cam?.frameRate];
    });
    expect(sizes).toEqual([[720, 30], [240, 20], [240, 15], [240, 15]]);
  });

  it("sends faces small beside a screen", () => {
    expect(plan({ isScreenShared: true }).cam?.height).toBe(240);
  });

  it("keeps the pixels of text and the frames of films", () => {
    const { screen: sharp } = plan({ screenMode: "detail" });
    const { screen: smooth } = plan({ screenMode: "motion" });
    expect(sharp).toMatchObject({
      height: null,
      frameRate: 15,
      contentHint: "detail",
      degradationPreference: "maintain-resolution",
    });
    expect(smooth).toMatchObject({
      frameRate: 30,
      contentHint: "motion",
      degradationPreference: "maintain-framerate",
    });
  });

  it("sends voices with FEC and DTX, and the sound of a screen in stereo without DTX", () => {
    const { mic, screenAudio } = plan({});
    expect(mic).toMatchObject({ channelCount: 1, hasDtx: true, hasFec: true });
    expect(screenAudio).toMatchObject({ channelCount: 2, hasDtx: false });
  });

  it("plans exactly what is sent, within the upload of one device, in every call that a mesh holds", () => {
    const anyOptions = fc.record({
      participantCount: fc.integer({ min: 1, max: 6 }),
      media: fc.record({
        mic: fc.boolean(),
        cam: fc.boolean(),
        screen: fc.boolean(),
        screenAudio: fc.boolean(),
      }),
      screenMode: fc.constantFrom("detail" as const, "motion" as const),
      isScreenShared: fc.boolean(),
    });
    fc.assert(fc.property(anyOptions, (options) => {
      const { participantCount, media } = options;
      const silent = Array.from({ length: participantCount - 1 }, () => ({ cam: false }));
      fc.pre(fitsMesh([media, ...silent]));
      const { mic, cam, screen, screenAudio } = planMedia(options);
      expect([mic !== null, cam !== null, screen !== null]).toEqual([media.mic, media.cam, media.screen]);
      expect(screenAudio !== null).toBe(media.screen && media.screenAudio);
      const bits = (cam?.maxBitrate ?? 0) + (screen?.maxBitrate ?? 0);
      expect(bits * Math.max(1, participantCount - 1)).toBeLessThanOrEqual(UPLOAD_MAX_BITS_PER_SECOND);
      // Below this, text in a screen cannot be read.
      if (screen !== null) expect(screen.maxBitrate).toBeGreaterThanOrEqual(1_000_000);
    }));
  });
});

describe("scaleDownBy()", () => {
  it("scales down to the height, but neither up nor the native size", () => {
    const { cam, screen } = plan({ participantCount: 3 });
    if (cam === null || screen === null) throw new Error("Both are sent");
    expect([scaleDownBy(cam, 720), scaleDownBy(cam, 120), scaleDownBy(screen, 2_160)]).toEqual([3, 1, 1]);
  });
});
