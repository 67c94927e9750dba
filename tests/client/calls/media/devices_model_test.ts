import { describe, expect, it } from "vitest";
import { OFF, openMediaTest, PATIENCE } from "./media_kit.ts";
import { expectPictures, expectSound } from "./media_proofs.ts";

describe("devices", () => {
  it("are listed after the first capture, without aliases", async () => {
    await using test = await openMediaTest({ hasTwoDevices: true });
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    const counts = () =>
      test.run(({ devices }) => {
        const { mics, cams } = devices.lists.value;
        return [mics.length, cams.length, [...mics, ...cams].every(({ label }) => label !== "")];
      });
    await expect.poll(counts, PATIENCE).toEqual([2, 2, true]);
    expect(await test.run(({ devices }) => devices.permissions.value)).toEqual({
      mic: "granted",
      cam: "granted",
    });
  });

  it("change without a drop, and the choice is remembered", async () => {
    await using test = await openMediaTest({ hasTwoDevices: true });
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    await expectPictures(test, "#cam");
    await expect.poll(() => test.run(({ devices }) => devices.lists.value.cams.length), PATIENCE).toBe(2);
    const changed = await test.run(({ local, devices }) => {
      const seen: (string | null)[] = [];
      const [cam, mic] = [local.tracks.value.cam, local.tracks.value.mic];
      Object.assign(globalThis, { seen, former: [cam, mic] });
      local.tracks.subscribe(({ cam }) => void seen.push(cam && cam.id));
      const { cams, mics } = devices.lists.value;
      const nextCam = cams.find(({ label }) => label !== cam?.label);
      const nextMic = mics.find(({ id }) => id !== mic?.getSettings().deviceId);
      devices.choose("cam", nextCam ?? null);
      devices.choose("mic", nextMic ?? null);
      return { cam: nextCam?.label, mic: nextMic?.id };
    });
    const current = () =>
      test.run(({ local }) => {
        const { cam, mic } = local.tracks.value;
        return { cam: cam?.label, mic: mic?.getSettings().deviceId };
      });
    await expect.poll(current, PATIENCE).toEqual(changed);
    await expectPictures(test, "#cam");
    await expectSound(test, "#mic");
    // One track follows the other: nothing in between, and the former device is free.
    const { seen, former } = await test.page.evaluate(() => {
      const { seen, former } = globalThis as unknown as {
        seen: (string | null)[];
        former: MediaStreamTrack[];
      };
      return { seen, former: former.map(({ readyState }) => readyState) };
    });
    expect(seen).not.toContain(null);
    expect(former).toEqual(["ended", "ended"]);

    await test.page.reload();
    await test.page.waitForFunction(() => "parts" in globalThis);
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    await expect.poll(current, PATIENCE).toEqual(changed);
  });

  it("are found by their label when the browser has changed the ids", async () => {
    await using test = await openMediaTest({ hasTwoDevices: true });
    await test.run(({ local }, off) => local.hold({ ...off, cam: true }), OFF);
    await expectPictures(test, "#cam");
    await expect.poll(() => test.run(({ devices }) => devices.lists.value.cams.length), PATIENCE).toBe(2);
    const label = await test.run(({ local, devices }, off) => {
      const other = devices.lists.value.cams.find(({ label }) => label !== local.tracks.value.cam?.label);
      local.hold(off);
      devices.choose("cam", { id: "an id of last year", label: other?.label ?? "" });
      local.hold({ ...off, cam: true });
      return other?.label;
    }, OFF);
    await expect.poll(() => test.run(({ local }) => local.tracks.value.cam?.label), PATIENCE).toBe(label);
  });

  it("that are gone: a microphone is replaced by the default, a camera by none", async () => {
    await using test = await openMediaTest();
    await test.run(({ local, devices }, off) => {
      devices.choose("cam", { id: "gone", label: "Camera of the office" });
      devices.choose("mic", { id: "gone", label: "Microphone of the office" });
      local.hold({ ...off, mic: true, cam: true });
    }, OFF);
    await expectSound(test, "#mic");
    const failures = () => test.run(({ failed }) => failed);
    await expect.poll(failures, PATIENCE).toEqual([
      ["cam", {
        kind: "cam",
        reason: "missing",
        browser: "chrome",
        isPhone: false,
        label: "Camera of the office",
      }],
    ]);
    expect(await test.run(({ local }) => local.tracks.value.cam)).toBe(null);
    // The choice stays: the camera may be there tomorrow.
    expect(await test.run(({ preferences }) => preferences.settings.value.cam?.id)).toBe("gone");
  });

  it("stay as they were if the next one does not start", async () => {
    await using test = await openMediaTest({ hasTwoDevices: true });
    await test.run(({ local }, off) => local.hold({ ...off, cam: true }), OFF);
    await expectPictures(test, "#cam");
    const before = await test.run(({ local, devices }) => {
      const { cam } = local.tracks.value;
      devices.choose("cam", { id: "gone", label: "Camera of the office" });
      return { id: cam?.id, label: cam?.label };
    });
    const failure = () => test.run(({ local }) => local.failures.value.get("cam")?.reason);
    await expect.poll(failure, PATIENCE).toBe("missing");
    await expectPictures(test, "#cam");
    const after = await test.run(({ local, failed, preferences }) => {
      const { cam } = local.tracks.value;
      return { id: cam?.id, label: cam?.label, failed, choice: preferences.settings.value.cam };
    });
    expect(after).toMatchObject({ label: before.label, failed: [], choice: null });
    expect(after.id).not.toBe(before.id);
  });

  it("change between the front and the back camera", async () => {
    await using test = await openMediaTest({ hasTwoDevices: true });
    await test.run(({ local, devices }, off) => {
      const asked: unknown[] = [];
      Object.assign(globalThis, { asked });
      const { getUserMedia } = MediaDevices.prototype;
      MediaDevices.prototype.getUserMedia = function (constraints) {
        const { video } = constraints ?? {};
        asked.push(typeof video === "object" ? video.facingMode : null);
        return getUserMedia.call(this, constraints);
      };
      devices.choose("cam", null);
      local.hold({ ...off, cam: true });
    }, OFF);
    const asked = () => test.page.evaluate(() => Reflect.get(globalThis, "asked"));
    for (const facing of ["user", "environment", "user"]) {
      await expect.poll(async () => (await asked()).at(-1), PATIENCE).toEqual({ ideal: facing });
      await expectPictures(test, "#cam");
      await test.run(({ devices }) => devices.flip());
    }
  });

  it("are captured anew when a switch of the microphone changes", async () => {
    await using test = await openMediaTest();
    await test.run(({ local }, off) => local.hold({ ...off, mic: true }), OFF);
    await expectSound(test, "#mic");
    const settings = () =>
      test.run(({ local }) => {
        const { noiseSuppression, echoCancellation, autoGainControl } =
          local.tracks.value.mic?.getSettings() ?? {};
        return [noiseSuppression, echoCancellation, autoGainControl];
      });
    expect(await settings()).toEqual([true, true, true]);
    for (
      const [change, expected] of [
        [{ suppressesNoise: false }, [false, true, true]],
        [{ cancelsEcho: false }, [false, false, true]],
        [{ controlsGain: false }, [false, false, false]],
      ] as const
    ) {
      await test.run(({ preferences }, change) => preferences.set(change), change);
      await expect.poll(settings, PATIENCE).toEqual(expected);
    }
    await expectSound(test, "#mic");
  });

  it("that are plugged in are offered, and taken only when the person says so", async () => {
    await using test = await openMediaTest({ hasTwoDevices: true, before: hideSecondDevices });
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    await expectSound(test, "#mic");
    await expect.poll(() => test.run(({ devices }) => devices.lists.value.mics.length), PATIENCE).toBe(1);
    const inUse = () =>
      test.run(({ local }) => {
        const { mic, cam } = local.tracks.value;
        return [mic?.id, cam?.id];
      });
    const before = await inUse();
    const offered = () => test.run(({ devices }) => devices.offer.value?.mic.label ?? null);
    await plug(test.page, true);
    await expect.poll(offered, PATIENCE).not.toBe(null);
    const label = await offered();
    expect(await inUse()).toEqual(before);
    // Gone again before anybody has answered.
    await plug(test.page, false);
    await expect.poll(offered, PATIENCE).toBe(null);
    await plug(test.page, true);
    await expect.poll(offered, PATIENCE).toBe(label);
    await test.run(({ devices }) => devices.acceptOffer());
    const current = () => test.run(({ local }) => local.tracks.value.mic?.label);
    await expect.poll(current, PATIENCE).toBe(label);
    expect(await offered()).toBe(null);
    await expectSound(test, "#mic");
    expect((await inUse())[1]).toBe(before[1]);
    expect(await test.run(({ preferences }) => preferences.settings.value.mic?.label)).toBe(label);
  });

  it("are no longer followed after disposal", async () => {
    await using test = await openMediaTest({ before: countListeners });
    const counts = () => test.page.evaluate(() => Reflect.get(globalThis, "listeners"));
    expect(await counts()).toMatchObject({ devicechange: 1, visibilitychange: 2 });
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    await expectSound(test, "#mic");
    await test.run(({ local, devices }) => {
      local[Symbol.dispose]();
      devices[Symbol.dispose]();
    });
    expect(await counts()).toEqual({
      devicechange: 0,
      visibilitychange: 0,
      mute: 0,
      ended: 0,
      unmute: 0,
      change: 0,
    });
  });
});

/** Runs in the page: the second microphone and its loudspeaker are not there until they are plugged in. */
function hideSecondDevices(): void {
  const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
  Object.assign(globalThis, { isPlugged: false });
  navigator.mediaDevices.enumerateDevices = async () => {
    const all = await list();
    const mics = all.filter(({ kind, deviceId }) => kind === "audioinput" && deviceId !== "default");
    const last = mics.at(-1);
    return Reflect.get(globalThis, "isPlugged") === true ? all : all.filter((one) => one !== last);
  };
}

/** Runs in the page: counts listeners that are there, by type. */
function countListeners(): void {
  const counts: Record<string, number> = {};
  const watched = ["devicechange", "visibilitychange", "mute", "ended", "unmute", "change"];
  Object.assign(globalThis, { listeners: counts });
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const signal = typeof options === "object" ? options?.signal : undefined;
    if (watched.includes(type) && signal !== undefined) {
      counts[type] = (counts[type] ?? 0) + 1;
      add.call(signal, "abort", () => counts[type] = (counts[type] ?? 0) - 1, { once: true });
    }
    add.call(this, type, listener, options);
  };
}

function plug(
  page: { evaluate: (body: (isPlugged: boolean) => void, isPlugged: boolean) => Promise<void> },
  isPlugged: boolean,
): Promise<void> {
  return page.evaluate((isPlugged) => {
    Object.assign(globalThis, { isPlugged });
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  }, isPlugged);
}
