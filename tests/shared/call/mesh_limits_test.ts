import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Media } from "../../../shared/call/call_types.ts";
import { countPictures, fitsMesh, hasRoomFor } from "../../../shared/call/mesh_limits.ts";
import type { ParticipantId } from "../../../shared/ids.ts";

const VOICE: Media = { mic: true, cam: false, screen: false, screenAudio: false };
const CAMERA: Media = { ...VOICE, cam: true };
const BOTH: Media = { ...CAMERA, screen: true };

function members(...medias: Media[]) {
  return medias.map((media, index) => ({ participantId: `p${index}` as ParticipantId, media }));
}

describe("fitsMesh()", () => {
  it("holds four with any pictures", () => {
    expect(fitsMesh([BOTH, BOTH, BOTH, BOTH])).toBe(true);
    expect(fitsMesh([BOTH, BOTH, BOTH, BOTH, VOICE])).toBe(false);
  });

  it("holds six with one moving picture in all", () => {
    expect(fitsMesh([CAMERA, VOICE, VOICE, VOICE, VOICE, VOICE])).toBe(true);
    expect(fitsMesh([CAMERA, CAMERA, VOICE, VOICE, VOICE])).toBe(false);
    expect(fitsMesh([BOTH, VOICE, VOICE, VOICE, VOICE])).toBe(false);
    expect(fitsMesh([VOICE, VOICE, VOICE, VOICE, VOICE, VOICE, VOICE])).toBe(false);
  });
});

describe("hasRoomFor()", () => {
  it("counts a participant that moves to another tab once", () => {
    const six = members(VOICE, VOICE, VOICE, VOICE, VOICE, VOICE);
    expect(hasRoomFor(six, { cam: false })).toBe(false);
    expect(hasRoomFor(six, { cam: true }, "p5" as ParticipantId)).toBe(true);
  });

  it("refuses the second camera of five, and the fifth person beside two cameras", () => {
    const five = members(CAMERA, VOICE, VOICE, VOICE, VOICE);
    expect(hasRoomFor(five, CAMERA, "p1" as ParticipantId)).toBe(false);
    expect(hasRoomFor(members(CAMERA, CAMERA, VOICE, VOICE), { cam: false })).toBe(false);
  });

  it("always lets a participant send less", () => {
    const tooMany = members(CAMERA, CAMERA, CAMERA, CAMERA, CAMERA);
    expect(hasRoomFor(tooMany, VOICE, "p0" as ParticipantId)).toBe(true);
    expect(hasRoomFor(tooMany, BOTH, "p0" as ParticipantId)).toBe(false);
  });

  it("agrees with fitsMesh() for whoever joins", () => {
    const media = fc.record({
      mic: fc.boolean(),
      cam: fc.boolean(),
      screen: fc.boolean(),
      screenAudio: fc.boolean(),
    });
    fc.assert(fc.property(fc.array(media, { maxLength: 7 }), fc.boolean(), (all, cam) => {
      expect(hasRoomFor(members(...all), { cam })).toBe(fitsMesh([...all, { cam }]));
      expect(countPictures(all)).toBe(
        all.filter((one) => one.cam).length + all.filter((one) => one.screen).length,
      );
    }));
  });
});
