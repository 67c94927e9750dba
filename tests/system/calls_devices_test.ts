import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openCallBrowser } from "../support/call_browser.ts";
import { openTabMeter } from "../support/tab_memory.ts";
import { checkBothThemes } from "./both_themes.ts";
import { CALL_TEST_MS, callPair, callSeat, talk } from "./call_screen.ts";
import { chatApp } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";

/** What a call loads beside the first room. */
const CALL_MAX_BYTES = 40_000;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("calls on a phone", () => {
  it("have no button that its browser lacks, and go on in the list and in other rooms", async () => {
    await using pair = await callPair(browser, PHONE);
    const { ana, ben } = pair;
    // No phone shares its screen.
    for (const { page } of [ana, ben]) {
      await page.addInitScript(() => Reflect.deleteProperty(MediaDevices.prototype, "getDisplayMedia"));
      await page.reload();
    }
    await talk(pair, "With camera");
    await ana.seesPicture(".tile:not(.is-own) video");
    expect(await ana.button("Share").count()).toBe(0);
    for (const screen of [ana, ben]) await checkBothThemes(screen);
    const sizes = await ana.page.locator(".call-control").evaluateAll((buttons) =>
      buttons.map((button) => {
        const { width, height, right, bottom } = button.getBoundingClientRect();
        return {
          isLarge: width >= 44 && height >= 44,
          isInside: right <= innerWidth && bottom <= innerHeight,
        };
      })
    );
    expect(sizes.length).toBeGreaterThanOrEqual(5);
    expect(sizes.every(({ isLarge, isInside }) => isLarge && isInside)).toBe(true);

    await ana.button("All rooms").click();
    await shows(ana.bar);
    await ana.openRoom("General");
    await shows(ana.bar);
    await ana.bar.getByRole("button", { name: /^Back to the call/ }).click();
    await shows(ana.stage);
    await ana.page.getByRole("button", { name: /^Messages/ }).click();
    await hides(ana.stage);
    await ana.say("On my way");
    await ana.bar.getByRole("button", { name: /^Back to the call/ }).click();
    await shows(ana.stage);
    await ana.page.setViewportSize({ width: 844, height: 390 });
    await ana.seesPicture(".tile:not(.is-own) video");
    // The list of rooms would take a third of the screen.
    expect(await ana.page.locator(".side").isVisible()).toBe(false);
    const bottom = await ana.button("Leave").evaluate((button) => button.getBoundingClientRect().bottom);
    expect(bottom).toBeLessThanOrEqual(390);
  }, CALL_TEST_MS);
});

describe("a microphone that is refused", () => {
  it("is explained, and one joins listening", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using strict = await openCallBrowser({ asksForPermission: true });
    await using ana = await callSeat(browser, { app, person: app.owner });
    await using ben = await callSeat(strict, { app, person: bo }, { permissions: [] });
    await ana.seesRoom("General");
    await ana.enterCall("Start a call", "Start");
    await ben.page.getByRole("button", { name: "Join · 1" }).click();
    await shows(ben.page.getByText(/microphone/i).first());
    const told = ben.page.locator(".lobby-failures p");
    await shows(told);
    expect(await told.innerText()).toMatch(/microphone.*\. .+/i);
    await checkBothThemes(ben);
    await ben.button("Listen only").click();
    await hides(told);
    await ben.confirm("Join");
    await ben.isWith("Ana");
    await ben.hearsOthers();
    // A normal state: nothing is asked and nothing complained about.
    expect(await ben.page.locator(".call-hint").count()).toBe(0);
    await shows(ana.tile("Bo").getByText("Muted:"));
  }, CALL_TEST_MS);
});

describe("a lobby that one leaves", () => {
  it("captures nothing any more", async () => {
    await using pair = await callPair(browser);
    const { ana } = pair;
    await ana.page.evaluate(() => {
      const { getUserMedia } = MediaDevices.prototype;
      const tracks: MediaStreamTrack[] = [];
      Object.assign(globalThis, { tracks });
      MediaDevices.prototype.getUserMedia = async function (constraints) {
        const stream = await getUserMedia.call(this, constraints);
        tracks.push(...stream.getTracks());
        return stream;
      };
    });
    const states = () =>
      ana.page.evaluate(() =>
        (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.map(({ readyState }) => readyState)
      );
    await ana.button("Call Bo").click();
    await eventually(states).toEqual(["live"]);
    await ana.openRoom("General");
    await eventually(states).toEqual(["ended"]);
    await ana.openRoom("Bo");
    await shows(ana.button("Call Bo"));
  }, CALL_TEST_MS);
});

describe("what calls cost", () => {
  it("is nothing before the rooms are drawn, and 40 kB when one is needed", async () => {
    await using app = await chatApp();
    await using ana = await callSeat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    await shows(ana.button("Start a call"));
    const early = await ana.page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => name).filter((name) =>
        /CallsPart/.test(name)
      )
    );
    expect(early).toEqual([]);
    // Other parts come at the same time as the button.
    await ana.page.locator(".status-slot").waitFor({ state: "attached" });
    await ana.page.evaluate(() => performance.clearResourceTimings());
    await ana.button("Start a call").click();
    await shows(ana.button("Start"));
    const bytes = await ana.page.evaluate(() =>
      performance.getEntriesByType("resource")
        .filter((entry) => /\.js$/.test(entry.name))
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0)
    );
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThanOrEqual(CALL_MAX_BYTES);
  }, CALL_TEST_MS);

  it("is nothing after them", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    const meter = await openTabMeter(ana.page);
    const callOnce = async () => {
      await talk(pair, "With camera");
      await ana.stage.getByRole("button", { name: "Camera" }).click();
      await ben.seesPicture(".tile:not(.is-own) video");
      await ana.leaveCall();
      await ben.stage.waitFor({ state: "detached" });
    };
    for (let round = 0; round < 2; round++) await callOnce();
    const before = await meter.memory();
    for (let round = 0; round < 4; round++) await callOnce();
    const after = await meter.memory();
    // Each call leaves one line in the room.
    await eventually(() => ana.log.locator(".sys").count()).toBe(6);
    expect(after.nodeCount - before.nodeCount).toBeLessThan(120);
    expect(after.listenerCount - before.listenerCount).toBeLessThan(20);
    expect(await ana.page.locator("video, audio").count()).toBe(0);
  }, CALL_TEST_MS);
});
