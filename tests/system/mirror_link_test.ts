import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { testApp } from "../support/test_app.ts";
import type { TestApp } from "../support/test_app.ts";
import { checkBothThemes } from "./both_themes.ts";
import { chatApp, openScreen, seat } from "./people_kit.ts";
import { shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

const MIRROR = "https://status.example.net/parley?a=1&b=2";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const mirroredApp = async () =>
  await testApp({ files: await builtClient(), config: { statusMirrorUrl: MIRROR } });
const link = ({ page }: Screen) => page.getByRole("link", { name: "status.example.net" });
/** The server is gone; what browsers report of it is allowed. */
async function stop(app: TestApp, ...screens: readonly Screen[]): Promise<void> {
  for (const screen of screens) screen.profile.allowProblems(/WebSocket|Failed to load resource/);
  await app.server.stop({ spreadMs: 0 });
}
/** The address of the first room, at which the browser keeps the page. */
async function roomPath(app: TestApp): Promise<string> {
  const [room] = await app.owner.api.rooms.list.query();
  return `/r/${room?.id}`;
}

describe("the copy of the status page", () => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    it(`is named when the server cannot be reached, ${viewport.width} pixels wide`, async () => {
      await using app = await mirroredApp();
      const path = await roomPath(app);
      await using screen = await seat(browser, { app, person: app.owner }, { viewport, path });
      await screen.log.waitFor();
      expect(await link(screen).count()).toBe(0);
      await stop(app, screen);
      await shows(screen.page.getByText("Parley cannot be reached."));
      expect(await link(screen).getAttribute("href")).toBe(MIRROR);
      await checkBothThemes(screen);
    });
  }

  it("is named on a page from the browser's cache too, whoever opens it", async () => {
    await using app = await mirroredApp();
    const path = await roomPath(app);
    await using inside = await seat(browser, { app, person: app.owner }, { path });
    await inside.log.waitFor();
    await using outside = await openScreen(browser, { url: app.url });
    await outside.page.getByLabel("Password").first().waitFor();
    for (const { page } of [inside, outside]) await page.goto("about:blank");
    await stop(app, inside, outside);
    for (const screen of [inside, outside]) {
      await screen.page.goBack();
      await shows(screen.page.getByRole("heading", { name: "The server is not responding" }));
      expect(await link(screen).getAttribute("href")).toBe(MIRROR);
    }
    await checkBothThemes(outside);
  });

  it("is not named where there is none", async () => {
    await using app = await chatApp();
    await using screen = await seat(browser, { app, person: app.owner });
    await screen.log.waitFor();
    await stop(app, screen);
    await shows(screen.page.getByText("Connection lost."));
    expect(await screen.page.getByText("Status:").count()).toBe(0);
  });
});
