import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { Page, Profile, TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import type { TestApp } from "../support/test_app.ts";
import { chatApp } from "./people_kit.ts";
import { Screen, shows } from "./screen.ts";

const LATE_STYLE = /\/static\/late-[^/]*\.css$/;

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** A browser of Ana's, in which no page is open yet. */
async function profileOf(app: TestApp): Promise<Profile> {
  const profile = await browser.openProfile();
  const value = (app.owner.device.cookie ?? "").replace(/^sid=/, "");
  await profile.context.addCookies([{ name: "sid", value, url: app.url, httpOnly: true, sameSite: "Lax" }]);
  return profile;
}

/** Opens the page, with the sheet held back until `release`; `part` is a script that needs it. */
async function openHeld(profile: Profile, url: string, part: RegExp) {
  const { promise: isReleased, resolve: release } = Promise.withResolvers<void>();
  await profile.context.route(LATE_STYLE, async (route) => {
    await isReleased;
    await route.continue();
  });
  const fetched = profile.context.waitForEvent("requestfinished", (request) => part.test(request.url()));
  const screen = new Screen(profile, await profile.openPage(url));
  await screen.log.waitFor();
  return { screen, release, partRun: async () => await runThrough(screen.page, (await fetched).url()) };
}

/** Waits until a script has run and what it led to is drawn. */
async function runThrough(page: Page, url: string): Promise<void> {
  await page.evaluate(async (url) => {
    await import(url);
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  }, url);
}

const displayOf = (page: Page, selector: string) =>
  page.locator(selector).first().evaluate((element) => getComputedStyle(element).display);

describe("the style sheet of dialogs and pickers", () => {
  it("is loaded before a dialog appears", async () => {
    await using app = await chatApp();
    await using profile = await profileOf(app);
    const { screen, release, partRun } = await openHeld(profile, app.url, /\/Overlays[^/]*\.js$/);
    await screen.button("Settings").click();
    await partRun();
    expect(await screen.page.locator("dialog").count()).toBe(0);
    release();
    await shows(screen.dialog("Settings"));
    expect(await displayOf(screen.page, ".pages")).toBe("grid");
  });

  it("is loaded before the emoji picker appears", async () => {
    await using app = await chatApp();
    await using profile = await profileOf(app);
    const { screen, release, partRun } = await openHeld(profile, app.url, /\/EmojiPicker[^/]*\.js$/);
    await screen.button("Emoji").click();
    await partRun();
    await shows(screen.page.getByText("Loading…"));
    expect(await screen.page.locator(".emoji-picker").count()).toBe(0);
    release();
    await shows(screen.page.locator(".emoji-cell").first());
    expect(await displayOf(screen.page, ".emoji-grid")).toBe("grid");
  });

  it("is fetched again after a failure", async () => {
    await using app = await chatApp();
    await using profile = await profileOf(app);
    profile.allowProblems(/Failed to load resource|ERR_FAILED/);
    let askedCount = 0;
    await profile.context.route(
      LATE_STYLE,
      (route) => askedCount++ === 0 ? route.abort() : route.continue(),
    );
    const screen = new Screen(profile, await profile.openPage(app.url));
    await screen.log.waitFor();
    await screen.button("Settings").click();
    await shows(screen.page.getByText("This could not be loaded. Check your connection and try again."));
    expect(await screen.page.locator("dialog").count()).toBe(0);
    await screen.button("Settings").click();
    await shows(screen.dialog("Settings"));
    expect(await displayOf(screen.page, ".pages")).toBe("grid");
    expect(askedCount).toBe(2);
  });
});
