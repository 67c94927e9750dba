import { describe, expect, it } from "vitest";
import { soundLevel } from "../../../support/call_browser.ts";
import { OFF, openMediaTest, PATIENCE } from "./media_kit.ts";
import type { MediaTest } from "./media_kit.ts";
import { expectPictures, expectSound } from "./media_proofs.ts";

describe("what a device captures", () => {
  it("is seen and heard while it is on, and released when it is off", async () => {
    await using test = await openMediaTest();
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    await expectPictures(test, "#cam");
    await expectSound(test, "#mic");
    const states = await test.run(({ local }, off) => {
      const tracks = [local.tracks.value.mic, local.tracks.value.cam];
      local.hold(off);
      return { states: tracks.map((track) => track?.readyState), left: local.tracks.value };
    }, OFF);
    // The light of the camera goes off in the same moment.
    expect(states).toEqual({
      states: ["ended", "ended"],
      left: { mic: null, cam: null, screen: null, screenAudio: null },
    });
    // Off and on again.
    await test.run(({ local }, off) => local.hold({ ...off, cam: true }), OFF);
    await expectPictures(test, "#cam");
    expect(await soundLevel(test.page, "#mic", { withinMs: 300 })).toBe(0);
  });

  it("asks for microphone and camera in one question", async () => {
    await using test = await openMediaTest({ before: countQuestions });
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    await expectPictures(test, "#cam");
    await expectSound(test, "#mic");
    expect(await questions(test)).toEqual([["audio", "video"]]);
  });

  it("stops what arrives after it was switched off", async () => {
    await using test = await openMediaTest({ before: countQuestions });
    await test.run(({ local }, off) => {
      local.hold({ ...off, cam: true });
      local.hold(off);
    }, OFF);
    await expect.poll(() => given(test), PATIENCE).toEqual(["ended"]);
    expect(await test.run(({ local }) => local.tracks.value.cam)).toBe(null);
  });

  it("keeps a muted microphone only in a call, and only if the person wants to be warned", async () => {
    await using test = await openMediaTest();
    const muted = () =>
      test.run(({ local }, off) => {
        local.hold(off);
        return [local.tracks.value.mic, local.micTrack.value?.readyState ?? null];
      }, OFF);
    const unmute = async () => {
      await test.run(({ local }, off) => local.hold({ ...off, mic: true }), OFF);
      await expect.poll(() => test.run(({ local }) => local.tracks.value.mic !== null), PATIENCE).toBe(true);
    };
    await unmute();
    expect(await muted()).toEqual([null, null]);
    await test.run(({ isInCall }) => void (isInCall.value = true));
    await unmute();
    expect(await muted()).toEqual([null, "live"]);
    // Unmuting is instant then.
    const isThere = await test.run(({ local }, off) => {
      local.hold({ ...off, mic: true });
      return local.tracks.value.mic?.readyState;
    }, OFF);
    expect(isThere).toBe("live");
    await muted();
    const released = await test.run(({ preferences, local }) => {
      preferences.set({ warnsWhenMuted: false });
      return local.micTrack.value;
    });
    expect(released).toBe(null);
    await unmute();
    expect(await muted()).toEqual([null, null]);
    await test.run(({ preferences }) => preferences.set({ warnsWhenMuted: true }));
    await unmute();
    expect(await muted()).toEqual([null, "live"]);
    expect(
      await test.run(({ isInCall, local }) => {
        isInCall.value = false;
        return local.micTrack.value;
      }),
    ).toBe(null);
  });

  it("follows the plan in size, frame rate and hint", async () => {
    await using test = await openMediaTest();
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    await expectPictures(test, "#cam");
    const apply = (participantCount: number) =>
      test.run(({ local, planMedia }, { off, participantCount }) => {
        const media = { ...off, mic: true, cam: true };
        local.plan(planMedia({ participantCount, media, screenMode: "detail", isScreenShared: false }));
        return [local.tracks.value.mic?.contentHint, local.tracks.value.cam?.contentHint];
      }, { off: OFF, participantCount });
    const shownHeight = () =>
      test.page.evaluate(() => document.querySelector<HTMLVideoElement>("#cam")?.videoHeight);
    expect(await apply(4)).toEqual(["speech", "motion"]);
    await expect.poll(shownHeight, PATIENCE).toBe(240);
    await apply(2);
    await expect.poll(shownHeight, PATIENCE).toBe(720);
  });

  it("is captured anew after it was silent for two seconds", async () => {
    await using test = await openMediaTest();
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    await expectSound(test, "#mic");
    // As on a phone during a phone call: live, muted, and it stays so.
    await test.run(({ local }) => {
      const track = local.tracks.value.mic;
      if (track === null) return;
      Object.defineProperty(track, "muted", { get: () => true });
      track.enabled = false;
      Object.assign(globalThis, { dead: track });
      track.dispatchEvent(new Event("mute"));
    });
    const isReplaced = () =>
      test.run(({ local }) =>
        local.tracks.value.mic !== null && local.tracks.value.mic !== Reflect.get(globalThis, "dead")
      );
    await expect.poll(isReplaced, PATIENCE).toBe(true);
    await expectSound(test, "#mic");
    expect(await test.run(({ failed }) => failed)).toEqual([]);
  });

  it("is captured anew after the browser ended it, but not after it was switched off", async () => {
    await using test = await openMediaTest({ before: countQuestions });
    await test.run(({ local }, off) => local.hold({ ...off, cam: true }), OFF);
    await expectPictures(test, "#cam");
    await test.run(({ local }) => {
      const track = local.tracks.value.cam;
      track?.stop();
      track?.dispatchEvent(new Event("ended"));
    });
    await expectPictures(test, "#cam");
    await test.run(({ local }, off) => {
      const track = local.tracks.value.cam;
      local.hold(off);
      track?.dispatchEvent(new Event("ended"));
      document.dispatchEvent(new Event("visibilitychange"));
    }, OFF);
    await test.run(({ local }, off) => local.hold({ ...off, mic: true }), OFF);
    await expectSound(test, "#mic");
    expect(await questions(test)).toEqual([["video"], ["video"], ["audio"]]);
  });
});

/** Runs in the page: notes what is asked of the browser, and the tracks that it gives. */
function countQuestions(): void {
  const asked: string[][] = [];
  const tracks: MediaStreamTrack[] = [];
  Object.assign(globalThis, { asked, given: tracks });
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints = {}) => {
    asked.push(Object.keys(constraints).sort());
    const stream = await ask(constraints);
    tracks.push(...stream.getTracks());
    return stream;
  };
}

function questions(test: MediaTest): Promise<unknown> {
  return test.page.evaluate(() => Reflect.get(globalThis, "asked"));
}

function given(test: MediaTest): Promise<unknown> {
  return test.page.evaluate(() => {
    return (Reflect.get(globalThis, "given") as MediaStreamTrack[]).map(({ readyState }) => readyState);
  });
}
