import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../support/browser.ts";
import { PRESENCE_DEBOUNCE_MS, PRESENCE_IDLE_MS } from "../../shared/limits.ts";
import { builtClient } from "../support/built_client.ts";
import { openCallBrowser } from "../support/call_browser.ts";
import { checkBothThemes } from "./both_themes.ts";
import { CALL_TEST_MS, callPair, callSeat, talk } from "./call_screen.ts";
import { pause } from "../support/wait.ts";
import { chatApp } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Everything that screen readers were told since then. */
async function followTold({ page }: Screen): Promise<() => Promise<string[]>> {
  // The rooms may not be drawn yet.
  await page.locator("[aria-live=polite][aria-atomic]").waitFor({ state: "attached" });
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(globalThis, { told });
    const region = document.querySelector("[aria-live=polite][aria-atomic]");
    if (region === null) throw new Error("Nothing is read out");
    // A render writes the same text once more, which nobody reads out.
    new MutationObserver(() => {
      const text = region.textContent ?? "";
      if (text !== "" && text !== told.at(-1)) told.push(text);
    }).observe(region, { childList: true, characterData: true, subtree: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
}

describe("a call between two people", () => {
  it("rings, is accepted, is seen and heard, and leaves one line", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    const told = [await followTold(ana), await followTold(ben)];
    await shows(ana.button("Call Bo"));
    await ana.button("Call Bo").click();
    await shows(ana.page.getByRole("heading", { name: "Call Bo" }));
    await checkBothThemes(ana);
    await ana.page.getByRole("button", { name: "Camera" }).click();
    await ana.seesPicture(".lobby-picture video");
    await ana.button("Call").click();

    await ben.hearsRing("Ana");
    await eventually(() => ben.page.title()).toMatch(/^Ana is calling/);
    await shows(ben.page.getByText("Video call"));
    await checkBothThemes(ben);
    await shows(ana.page.getByRole("listitem").getByText("Ringing…"));
    await ben.button("With camera").click();
    await shows(ben.stage);
    await ben.hasFocus(ben.stage);

    await Promise.all([ana.isWith("Bo"), ben.isWith("Ana")]);
    for (const screen of [ana, ben]) {
      await screen.seesPicture(".tile:not(.is-own) video");
      await screen.hearsOthers();
      await checkBothThemes(screen);
    }
    expect(await ben.page.title()).not.toMatch(/calling/);

    await ben.leaveCall();
    await ana.stage.waitFor({ state: "detached" });
    await shows(ana.log.getByText(/^You started a call · 1 min · You, Bo$/));
    await shows(ben.log.getByText(/^Ana started a call · 1 min · Ana, You$/));
    expect(await ana.log.locator(".sys").count()).toBe(1);
    expect(await ana.page.locator("video, audio").count()).toBe(0);
    expect(await told[0]?.()).toEqual(["Bo joined the call"]);
    expect(await told[1]?.()).toEqual(["Ana is calling"]);
  }, CALL_TEST_MS);

  it("can be declined, and the caller leaves a message", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    await ana.enterCall("Call Bo", "Call");
    await ben.hearsRing("Ana");
    await ben.box.focus();
    await ben.button("Decline").click();
    await hides(ben.page.getByRole("region", { name: "Ana is calling" }));
    await ben.hasFocus(ben.box);
    await shows(ana.page.getByText("Bo declined"));
    await checkBothThemes(ana);
    await ana.button("Leave a message").click();
    await eventually(() => ana.box.evaluate((box) => box === document.activeElement)).toBe(true);
    await hides(ana.page.getByText("Bo declined"));
    expect(await ben.page.getByRole("status", { name: "The call ended" }).count()).toBe(0);
  }, CALL_TEST_MS);

  it("that was missed can be called back", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    await ben.openRoom("Ana");
    await ana.enterCall("Call Bo", "Call");
    await ben.hearsRing("Ana");
    await ana.leaveCall();
    await hides(ben.page.getByRole("region", { name: "Ana is calling" }));
    await shows(ben.log.getByText("Missed call from Ana"));
    await shows(ana.log.getByText("You called · no answer"));
    await ben.enterCall("Call back", "Call");
    await ana.hearsRing("Bo");
    await ana.button("Accept").click();
    await Promise.all([ana.isWith("Bo"), ben.isWith("Ana")]);
  }, CALL_TEST_MS);

  it("keeps people online who touch nothing", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    await ana.page.addInitScript(() => {
      const now = Date.now.bind(Date);
      Object.assign(globalThis, { aheadMs: 0 });
      Date.now = () => now() + (globalThis as unknown as { aheadMs: number }).aheadMs;
    });
    await ana.page.reload();
    await ana.seesRoom("Bo");
    await talk(pair);
    await ana.page.evaluate((aheadMs) => {
      Object.assign(globalThis, { aheadMs });
      // As after a sleep of the machine, which counts as away at once.
      document.dispatchEvent(new Event("visibilitychange"));
    }, PRESENCE_IDLE_MS);
    const dot = (words: string) => ben.page.getByRole("img", { name: words }).first();
    // Longer than the server waits before it tells others.
    await pause(2 * PRESENCE_DEBOUNCE_MS);
    await shows(dot("Online"));
    expect(await dot("Away").count()).toBe(0);
    await ben.leaveCall();
    await shows(dot("Away"));
  }, CALL_TEST_MS);

  it("is muted by a key, and both see it", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    await talk(pair);
    await ana.page.keyboard.press("m");
    await shows(ana.button("Unmute"));
    await shows(ben.tile("Ana").getByText("Muted:"));
    await ana.page.keyboard.press("h");
    await shows(ben.page.getByText("Ana raised a hand, number 1"));
    await ana.page.keyboard.press("Alt+q");
    await ben.stage.waitFor({ state: "detached" });
  }, CALL_TEST_MS);
});

describe("a call in a room", () => {
  it("is joined muted with push to talk, and heard while the key is held", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using ana = await callSeat(browser, { app, person: app.owner });
    await using ben = await callSeat(browser, { app, person: bo });
    await ben.page.evaluate(() =>
      localStorage.setItem("parley.calls", JSON.stringify({ isPushToTalk: true }))
    );
    await ben.page.reload();
    await ana.seesRoom("General");
    await ana.enterCall("Start a call", "Start");
    await ben.page.getByRole("button", { name: "Join · 1" }).click();
    await shows(ben.page.getByText("With push to talk, you are heard while you hold Space."));
    await ben.confirm("Join");
    await ana.isWith("Bo");
    await shows(ben.page.getByText("Hold Space to talk."));
    const isMuted = ana.tile("Bo").getByText("Muted:");
    await shows(isMuted);
    await shows(ben.button("Unmute"));
    // The lobby has captured the microphone, and the call does not send it.
    expect(await ana.hearsNow()).toBe(false);
    await ben.hasFocus(ben.stage);
    await ben.page.keyboard.down(" ");
    await isMuted.waitFor({ state: "detached" });
    await ana.hearsOthers();
    await ben.page.keyboard.up(" ");
    await shows(isMuted);
    await ben.button("Turn off").click();
    await hides(ben.page.getByText("Hold Space to talk."));
  }, CALL_TEST_MS);

  it("is joined from the header, and counted in the list", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using ana = await callSeat(browser, { app, person: app.owner });
    await using ben = await callSeat(browser, { app, person: bo });
    await ana.seesRoom("General");
    await ana.enterCall("Start a call", "Start");
    await shows(ana.page.getByText("Nobody else is here yet."));
    await shows(ben.page.getByRole("button", { name: "Join · 1" }));
    await shows(ben.room("General").filter({ hasText: "1 in a call" }));
    await checkBothThemes(ben);
    await ben.page.locator(".sys-action", { hasText: "Join" }).click();
    await shows(ben.page.getByText("Ana is in it."));
    await ben.confirm("Join");
    await Promise.all([ana.isWith("Bo"), ben.isWith("Ana")]);
    await ana.hearsOthers();
    await shows(ana.room("General").filter({ hasText: "2 in a call" }));
    await ben.leaveCall();
    await shows(ben.page.getByRole("button", { name: "Join · 1" }));
    await shows(ana.page.getByText("Nobody else is here yet."));
  }, CALL_TEST_MS);

  it("rings those whom one chooses", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using ana = await callSeat(browser, { app, person: app.owner });
    await using ben = await callSeat(browser, { app, person: bo });
    await ana.seesRoom("General");
    // Settings are a modal dialog: the card is above it, in reach.
    await ben.openSettings("Calls");
    await ana.button("Start a call").click();
    await ana.page.getByText("Ring…").click();
    await ana.page.getByRole("checkbox", { name: "Bo" }).check();
    await ana.button("Start").click();
    await ben.hearsRing("Ana");
    await shows(ben.page.getByText("Call in General"));
    await ben.button("Decline").click();
    // In a room one stays, and can call again.
    await shows(ana.page.getByText("Nobody else is here yet."));
  }, CALL_TEST_MS);

  it("lets a moderator mute and remove, and says so", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using ana = await callSeat(browser, { app, person: app.owner });
    await using ben = await callSeat(browser, { app, person: bo });
    await ana.seesRoom("General");
    await ana.enterCall("Start a call", "Start");
    await ben.enterCall("Join · 1", "Join");
    await Promise.all([ana.isWith("Bo"), ben.isWith("Ana")]);
    const options = ana.button("Options for Bo");
    await options.click();
    await ana.button("Mute Bo").click();
    await shows(ben.button("Unmute"));
    await options.click();
    await ana.button("Remove Bo from the call").click();
    await shows(ben.page.getByText("You were removed from the call"));
    await hides(ana.tile("Bo"));
    await ana.hasFocus(ana.stage);
    await ben.page.getByRole("status", { name: "The call ended" }).getByRole("button", { name: "Close" })
      .click();
    await ben.hasFocus(ben.page.locator("main"));
    expect(await ben.page.locator("video, audio").count()).toBe(0);
  }, CALL_TEST_MS);
});
