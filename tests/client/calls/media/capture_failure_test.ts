import { describe, expect, it } from "vitest";
import { browserNameOf, readCaptureFailure } from "../../../../client/calls/media/capture_failure.ts";
import { describeCaptureFailure } from "../../../../client/calls/media/describe_capture_failure.ts";
import { OFF, openMediaTest, PATIENCE } from "./media_kit.ts";
import { expectSound } from "./media_proofs.ts";

const CHROME =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const ANDROID =
  "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
const SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/20.0 Safari/605.1.15";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0 Mobile/15E148 Safari/604.1";

describe("a failed capture", () => {
  it.each([
    ["NotAllowedError", "", "denied", "refused"],
    ["NotAllowedError", "", null, "refused"],
    ["NotAllowedError", "Permission dismissed", "prompt", "cancelled"],
    ["NotAllowedError", "Permission denied by system", "prompt", "refused"],
    ["SecurityError", "", null, "refused"],
    ["NotReadableError", "", "granted", "busy"],
    ["AbortError", "", "granted", "failed"],
    ["NotFoundError", "", "granted", "missing"],
    ["OverconstrainedError", "", "granted", "missing"],
    ["NotSupportedError", "", null, "unsupported"],
    ["WhateverError", "", null, "failed"],
  ])("%s (%s) with permission %s is %s", (name, message, permission, reason) => {
    const failure = readCaptureFailure(new DOMException(message, name), {
      kind: "cam",
      permission: permission as PermissionState | null,
      userAgent: CHROME,
    });
    expect(failure.reason).toBe(reason);
  });

  it.each([["NotAllowedError", "", "cancelled"], ["AbortError", "", "cancelled"], [
    "NotAllowedError",
    "Permission denied by system",
    "refused",
  ]])("of a screen: %s (%s) is %s", (name, message, reason) => {
    const failure = readCaptureFailure(new DOMException(message, name), {
      kind: "screen",
      userAgent: CHROME,
    });
    expect(failure.reason).toBe(reason);
  });

  it.each([
    [CHROME, "chrome", "Click the icon beside the address, allow the camera"],
    [ANDROID, "chrome", "Tap the icon beside the address, then Permissions"],
    [FIREFOX, "firefox", "Click the crossed-out camera beside the address"],
    [SAFARI, "safari", "Safari › Settings for This Website"],
    [IPHONE, "safari", "choose Website Settings"],
    ["Something else", "other", "in the settings of your browser"],
  ])("is mended in %s as in %s", (userAgent, browser, advice) => {
    expect(browserNameOf(userAgent)).toBe(browser);
    const failure = readCaptureFailure(new DOMException("", "NotAllowedError"), { kind: "cam", userAgent });
    const text = describeCaptureFailure(failure);
    expect(text.title).toBe("Parley may not use your camera");
    expect(text.advice).toContain(advice);
  });

  it("names the device that is missing or busy", () => {
    const of = (name: string, label: string | null) => {
      return describeCaptureFailure(
        readCaptureFailure(new DOMException("", name), { kind: "mic", label, userAgent: CHROME }),
      ).title;
    };
    expect(of("NotReadableError", "Headset")).toBe("“Headset” is in use by another program");
    expect(of("NotFoundError", "Headset")).toBe("“Headset” is not connected");
    expect(of("NotFoundError", null)).toBe("No microphone was found");
  });
});

describe("a browser that refuses", () => {
  it("the camera and the microphone: both are off, once, until one tries again", async () => {
    await using test = await openMediaTest({ asksForPermission: true, profile: { permissions: [] } });
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    const failures = () =>
      test.run(({ failed }) =>
        failed.map(([kind, { reason, browser }]) => `${kind} ${reason} ${browser}`).sort()
      );
    await expect.poll(failures, PATIENCE).toEqual(["cam refused chrome", "mic refused chrome"]);
    const seen = await test.run(({ local }) => [local.tracks.value, [...local.failures.value.keys()].sort()]);
    expect(seen).toEqual([{ mic: null, cam: null, screen: null, screenAudio: null }, ["cam", "mic"]]);
    await test.page.context().grantPermissions(["microphone", "camera"]);
    await test.run(({ local }, off) => {
      local.hold(off);
      local.hold({ ...off, mic: true });
    }, OFF);
    await expectSound(test, "#mic");
    expect(await test.run(({ local }) => [...local.failures.value.keys()])).toEqual(["cam"]);
    await test.run(({ local }) => local.dismissFailure("cam"));
    expect(await test.run(({ local }) => local.failures.value.size)).toBe(0);
  });

  it("the camera alone: the microphone works", async () => {
    await using test = await openMediaTest({
      asksForPermission: true,
      profile: { permissions: ["microphone"] },
    });
    await test.run(({ local }, off) => local.hold({ ...off, mic: true, cam: true }), OFF);
    await expectSound(test, "#mic");
    const failures = () => test.run(({ failed }) => failed.map(([kind, { reason }]) => [kind, reason]));
    await expect.poll(failures, PATIENCE).toEqual([["cam", "refused"]]);
  });
});
