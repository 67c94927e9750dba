import { describe, expect, it } from "vitest";
import { OFF, openSoundTest, PATIENCE } from "./media_kit.ts";

describe("the screen", () => {
  it("stays on during a call, also after the page was hidden", async () => {
    await using test = await openSoundTest({ before: noteLocks });
    const held = () => test.page.evaluate(() => Reflect.get(globalThis, "held"));
    expect(await held()).toBe(0);
    await test.run(({ isInCall }) => void (isInCall.value = true));
    await expect.poll(held, PATIENCE).toBe(1);
    // Browsers release it while the page is hidden.
    await test.page.evaluate(async () => {
      const { lock } = globalThis as unknown as { lock: WakeLockSentinel };
      await lock.release();
    });
    await expect.poll(held, PATIENCE).toBe(0);
    await test.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await expect.poll(held, PATIENCE).toBe(1);
    await test.run(({ isInCall }) => void (isInCall.value = false));
    await expect.poll(held, PATIENCE).toBe(0);
    await test.run(({ isInCall, wakeLock }) => {
      isInCall.value = true;
      // Before the browser has answered.
      wakeLock[Symbol.dispose]();
    });
    await expect.poll(held, PATIENCE).toBe(0);
    expect(await test.page.evaluate(() => Reflect.get(globalThis, "asked"))).toBe(3);
  });
});

describe("picture in picture", () => {
  it("is a window with the styles of the page, which closes with the call", async () => {
    await using test = await openSoundTest();
    const opening = test.page.context().waitForEvent("page");
    const isOpen = await test.run(({ pip, pictureOpener }) =>
      pip.open(pictureOpener({
        width: 320,
        height: 180,
        render: (place) => {
          place.textContent = "Ana";
          return () => Object.assign(globalThis, { isFreed: true });
        },
        video: () => null,
      }))
    );
    expect(isOpen).toBe(true);
    const view = await opening;
    expect(await view.evaluate(() => document.body.textContent)).toBe("Ana");
    expect(await view.evaluate(() => document.styleSheets.length)).toBeGreaterThan(0);
    await test.run(({ pip }) => pip.close());
    await expect.poll(() => view.isClosed(), PATIENCE).toBe(true);
    expect(await test.run(({ pip }) => pip.isOpen.value)).toBe(false);
    expect(await test.page.evaluate(() => Reflect.get(globalThis, "isFreed"))).toBe(true);
  });

  it("opens no window for a call that ended meanwhile", async () => {
    await using test = await openSoundTest({ before: holdWindows });
    const opening = test.page.context().waitForEvent("page");
    const isOpen = await test.run(async ({ pip, pictureOpener }) => {
      const options = {
        width: 320,
        height: 180,
        render: () => () => {},
        video: () => null,
      };
      const opened = pip.open(pictureOpener(options));
      // The browser has answered, but nobody was told yet.
      await (Reflect.get(globalThis, "answered") as Promise<void>);
      pip.close();
      (Reflect.get(globalThis, "release") as () => void)();
      return [await opened, pip.isOpen.value];
    });
    const view = await opening;
    expect(isOpen).toEqual([false, false]);
    await expect.poll(() => view.isClosed(), PATIENCE).toBe(true);
  });

  it("notices that its window was closed", async () => {
    await using test = await openSoundTest();
    const opening = test.page.context().waitForEvent("page");
    await test.run(({ pip, pictureOpener }) =>
      pip.open(pictureOpener({ width: 320, height: 180, render: () => () => {}, video: () => null }))
    );
    await (await opening).close();
    await expect.poll(() => test.run(({ pip }) => pip.isOpen.value), PATIENCE).toBe(false);
  });

  it("is the video itself where there are no such windows", async () => {
    await using test = await openSoundTest({
      before: () => void Reflect.deleteProperty(globalThis, "documentPictureInPicture"),
    });
    await test.run(async ({ local }, off) => {
      local.hold({ ...off, cam: true });
      const video = document.querySelector("video");
      await new Promise<void>((resolve) => {
        local.tracks.subscribe(({ cam }) => {
          if (cam === null || video === null) return;
          video.onloadeddata = () => resolve();
          video.srcObject = new MediaStream([cam]);
          void video.play();
        });
      });
    }, OFF);
    const open = () =>
      test.run(({ pip, pictureOpener }) =>
        pip.open(pictureOpener({
          width: 320,
          height: 180,
          render: () => () => {},
          video: () => document.querySelector("video"),
        }))
      );
    const isShown = () => test.page.evaluate(() => document.pictureInPictureElement !== null);
    expect(await open()).toBe(true);
    expect(await isShown()).toBe(true);
    await test.run(({ pip }) => pip[Symbol.dispose]());
    await expect.poll(isShown, PATIENCE).toBe(false);
    expect(await open()).toBe(true);
    await test.page.evaluate(() => document.exitPictureInPicture());
    await expect.poll(() => test.run(({ pip }) => pip.isOpen.value), PATIENCE).toBe(false);
  });
});

/** Runs in the page: windows above all others open, but their promises wait for `release`. */
function holdWindows(): void {
  const windows = Reflect.get(globalThis, "documentPictureInPicture");
  const open = windows.requestWindow.bind(windows);
  const [answered, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  windows.requestWindow = async (options: object) => {
    const view = await open(options);
    answered.resolve();
    await released.promise;
    return view;
  };
  Object.assign(globalThis, { answered: answered.promise, release: released.resolve });
}

/** Runs in the page: counts wake locks that are held and asked for. */
function noteLocks(): void {
  const counts = { held: 0, asked: 0, lock: null as WakeLockSentinel | null };
  for (const key of ["held", "asked", "lock"] as const) {
    Object.defineProperty(globalThis, key, { get: () => counts[key] });
  }
  const request = WakeLock.prototype.request;
  WakeLock.prototype.request = async function (type) {
    counts.asked++;
    const lock = await request.call(this, type);
    counts.held++;
    counts.lock = lock;
    lock.addEventListener("release", () => counts.held--);
    return lock;
  };
}
