import { describe, expect, it } from "vitest";
import { countPictures } from "../../../support/call_browser.ts";
import { OFF, openMediaTest, PATIENCE } from "./media_kit.ts";
import type { MediaTest } from "./media_kit.ts";
import { expectPictures, expectSound } from "./media_proofs.ts";

const SCREEN = { ...OFF, screen: true, screenAudio: true };

describe("a shared screen", () => {
  it("is seen and heard, and says what it leaves out", async () => {
    await using test = await openMediaTest({ before: noteQuestions });
    await test.run(({ local }, media) => local.hold(media), SCREEN);
    await expectPictures(test, "#screen");
    await expectSound(test, "#screenAudio");
    const asked = await test.page.evaluate(() => Reflect.get(globalThis, "asked"));
    expect(asked).toMatchObject([{
      selfBrowserSurface: "exclude",
      systemAudio: "include",
      // Sound of this page, which the others would hear again.
      audio: {
        restrictOwnAudio: true,
        echoCancellation: false,
        noiseSuppression: false,
        channelCount: { ideal: 2 },
      },
    }]);
    const states = await test.run(({ local }, off) => {
      const { screen, screenAudio } = local.tracks.value;
      local.hold(off);
      return [screen?.readyState, screenAudio?.readyState, local.tracks.value.screen];
    }, OFF);
    expect(states).toEqual(["ended", "ended", null]);
  });

  it("changes between sharp text and smooth motion while it is shared", async () => {
    await using test = await openMediaTest();
    const apply = (screenMode: "detail" | "motion") =>
      test.run(({ local, planMedia }, { media, screenMode }) => {
        local.setScreenMode(screenMode);
        const mode = local.screenMode.value;
        local.plan(planMedia({ participantCount: 2, media, screenMode: mode, isScreenShared: true }));
      }, { media: SCREEN, screenMode });
    const seen = () =>
      test.run(({ local }) => {
        const { screen, screenAudio } = local.tracks.value;
        return [screen?.contentHint, screen?.getSettings().frameRate, screenAudio?.contentHint];
      });
    await test.run(({ local }, media) => local.hold(media), SCREEN);
    await expectPictures(test, "#screen");
    const before = await test.run(({ local }) => local.tracks.value.screen?.id);
    await apply("detail");
    await expect.poll(seen, PATIENCE).toEqual(["detail", 15, "music"]);
    await apply("motion");
    await expect.poll(seen, PATIENCE).toEqual(["motion", 30, "music"]);
    await expectPictures(test, "#screen");
    expect(await test.run(({ local }) => local.tracks.value.screen?.id)).toBe(before);
    await test.page.reload();
    await test.page.waitForFunction(() => "parts" in globalThis);
    expect(await test.run(({ local }) => local.screenMode.value)).toBe("motion");
  });

  it("ends by the browser's own bar", async () => {
    await using test = await openMediaTest();
    await test.run(({ local }, media) => local.hold(media), SCREEN);
    await expectPictures(test, "#screen");
    const sound = await test.run(({ local }) => {
      const { screen, screenAudio } = local.tracks.value;
      screen?.stop();
      screen?.dispatchEvent(new Event("ended"));
      return screenAudio?.readyState;
    });
    expect(sound).toBe("ended");
    expect(await test.run(({ ended }) => ended)).toEqual(["screen", "screenAudio"]);
    expect(await countPictures(test.page, "#screen", { withinMs: 300 })).toBe(0);
    await test.run(({ local }, media) => {
      local.hold({ ...media, screen: false, screenAudio: false });
      local.hold(media);
    }, SCREEN);
    await expectPictures(test, "#screen");
  });

  it("that is not chosen is no error", async () => {
    await using test = await openMediaTest({ before: closeDialog });
    await test.run(({ local }, media) => local.hold(media), SCREEN);
    await expect.poll(() => failures(test), PATIENCE).toEqual(["screen cancelled"]);
    expect(await test.run(({ local }) => local.failures.value.size)).toBe(0);
  });

  it("that comes without sound says so", async () => {
    await using test = await openMediaTest({ before: withoutSound });
    await test.run(({ local }, media) => local.hold(media), SCREEN);
    await expectPictures(test, "#screen");
    expect(await test.run(({ ended }) => ended)).toEqual(["screenAudio"]);
    // It is asked for later, and still not there.
    await test.run(({ local }, media) => {
      local.hold({ ...media, screenAudio: false });
      local.hold(media);
    }, SCREEN);
    await expect.poll(() => test.run(({ ended }) => ended), PATIENCE).toEqual(["screenAudio", "screenAudio"]);
  });

  it("leaves the voices of the others out by echo cancellation where the browser cannot leave out its own sound", async () => {
    await using test = await openMediaTest({ before: [noteQuestions, withoutRestriction] });
    await test.run(({ local }, media) => local.hold(media), SCREEN);
    await expectSound(test, "#screenAudio");
    const [asked] = await test.page.evaluate(() => Reflect.get(globalThis, "asked"));
    expect(asked.audio).toMatchObject({ echoCancellation: true });
    expect(asked.audio).not.toHaveProperty("restrictOwnAudio");
    expect(await test.run(({ local }) => local.tracks.value.screenAudio?.getSettings().echoCancellation))
      .toBe(true);
  });

  it("that was switched off while the dialog was open is stopped", async () => {
    await using test = await openMediaTest({ before: noteQuestions });
    await test.run(({ local }, { media, off }) => {
      local.hold(media);
      local.hold(off);
    }, { media: SCREEN, off: OFF });
    const given = () =>
      test.page.evaluate(() =>
        (Reflect.get(globalThis, "given") as MediaStreamTrack[]).map(({ readyState }) => readyState)
      );
    await expect.poll(given, PATIENCE).toEqual(["ended", "ended"]);
    expect(await test.run(({ local }) => local.tracks.value.screen)).toBe(null);
  });

  it("does not exist on phones", async () => {
    await using test = await openMediaTest({
      before: () => void Reflect.deleteProperty(MediaDevices.prototype, "getDisplayMedia"),
    });
    expect(await test.run(({ canShareScreen }) => canShareScreen())).toBe(false);
    await test.run(({ local }, media) => local.hold(media), SCREEN);
    await expect.poll(() => failures(test), PATIENCE).toEqual(["screen unsupported"]);
  });
});

function failures(test: MediaTest): Promise<string[]> {
  return test.run(({ failed }) => failed.map(([kind, { reason }]) => `${kind} ${reason}`));
}

/** Runs in the page: notes what is asked of the browser, and the tracks that it gives. */
function noteQuestions(): void {
  const asked: unknown[] = [];
  const given: MediaStreamTrack[] = [];
  Object.assign(globalThis, { asked, given });
  const ask = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getDisplayMedia = async (options) => {
    asked.push(options);
    const stream = await ask(options);
    given.push(...stream.getTracks());
    return stream;
  };
}

/** Runs in the page: Firefox and Safari do not know `restrictOwnAudio`. */
function withoutRestriction(): void {
  const known = navigator.mediaDevices.getSupportedConstraints();
  Reflect.deleteProperty(known, "restrictOwnAudio");
  navigator.mediaDevices.getSupportedConstraints = () => known;
}

/** Runs in the page: what a browser does when its dialog is closed. */
function closeDialog(): void {
  navigator.mediaDevices.getDisplayMedia = () => {
    return Promise.reject(new DOMException("Permission denied", "NotAllowedError"));
  };
}

/** Runs in the page: windows of most systems have no sound. */
function withoutSound(): void {
  const ask = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getDisplayMedia = (options) => ask({ ...options, audio: false });
}
