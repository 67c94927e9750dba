import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { checkBothThemes } from "./both_themes.ts";
import { chatApp, openScreen, seat } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const banner = (screen: Screen) => screen.page.locator(".status-banner");
const bar = (screen: Screen) => screen.page.locator(".command-bar");
const isReady = (screen: Screen) =>
  screen.page.locator(".status-slot").waitFor({ state: "attached", timeout: 20_000 });

/** Holds back a script as a slow network would. */
async function holdBack(
  { page }: Screen,
  script: RegExp,
): Promise<{ asked: Promise<void>; release: () => void }> {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await page.route(script, async (route) => {
    asked.resolve();
    await released.promise;
    await route.continue();
  });
  return { asked: asked.promise, release: () => released.resolve() };
}

describe("slash commands", () => {
  it("take two strokes from knowing to told, within a second", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using owner = await seat(browser, { app, person: app.owner });
    await using inside = await seat(browser, { app, person: bo });
    await using outside = await openScreen(browser, { url: app.url });
    for (const screen of [owner, inside, outside]) await isReady(screen);
    const text = '/incident open "Apps fail" component:live impact:major Ask @Bo now';
    await owner.box.fill(text);
    await owner.box.press("Enter");
    await shows(bar(owner).getByText("Press Enter again to publish this."));
    await shows(bar(owner).getByText("Live connection"));
    await checkBothThemes(owner);
    expect(app.services.status.board.incidents()).toEqual([]);
    const startedAt = performance.now();
    await owner.box.press("Enter");
    for (const screen of [inside, outside]) {
      await shows(banner(screen).getByText("Investigating: Apps fail"));
    }
    // Generous on a busy machine; the way itself takes milliseconds.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await eventually(() => owner.box.inputValue()).toBe("");
    // The text was not sent; the bot says in the room what became of it.
    const heads = async () => (await inside.texts()).map((text) => text.split("\n")[0]);
    await eventually(heads).toEqual(["Incident opened: Apps fail"]);
    await shows(inside.log.getByText("Status", { exact: true }));
    expect(app.services.status.board.incidents()).toMatchObject([{ updates: [{ text: "Ask now" }] }]);

    await owner.box.fill("/incident resolve It works again");
    await owner.box.press("Enter");
    await shows(bar(owner).getByText("Resolved"));
    await shows(bar(owner).getByText("Press Enter again to publish this."));
    await owner.box.press("Enter");
    for (const screen of [inside, outside]) await hides(banner(screen));
    await eventually(heads).toEqual(["Incident opened: Apps fail", "Resolved: Apps fail"]);
  });

  it("are told in no room when they are typed in a direct one", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    const { id } = await app.owner.api.rooms.openDirect.mutate({ userId: bo.id });
    await using owner = await seat(browser, { app, person: app.owner }, { path: `/r/${id}` });
    await isReady(owner);
    await owner.box.fill("/announce info Lunch");
    await owner.box.press("Enter");
    await shows(bar(owner).getByText("Press Enter again to publish this."));
    await owner.box.press("Enter");
    await shows(banner(owner).getByText("Lunch"));
    expect(await app.services.rooms.members.roomsOf(await app.services.statusBot.ensure())).toEqual([]);
  });

  it("are not published by a key that is held", async () => {
    await using app = await chatApp();
    await using owner = await seat(browser, { app, person: app.owner });
    await isReady(owner);
    const { board } = app.services.status;
    await owner.box.fill("/announce warning Tell @Ana nothing");
    const { keyboard } = owner.page;
    // Down again without up is what a held key sends.
    for (let press = 0; press < 5; press++) await keyboard.down("Enter");
    await shows(bar(owner).getByText("Press Enter again to publish this."));
    await shows(bar(owner).getByText("Tell nothing"));
    await keyboard.down("Enter");
    await keyboard.up("Enter");
    expect([await owner.box.inputValue(), board.announcements()]).toEqual([
      "/announce warning Tell @Ana nothing",
      [],
    ]);
    await keyboard.down("Enter");
    await keyboard.down("Enter");
    await keyboard.up("Enter");
    await shows(banner(owner).getByText("Tell nothing"));
    expect(board.announcements().length).toBe(1);
  });

  it("are completed while they are typed", async () => {
    await using app = await chatApp();
    await using owner = await seat(browser, { app, person: app.owner });
    await isReady(owner);
    await owner.box.pressSequentially("/inc");
    const list = owner.page.getByRole("listbox", { name: "Commands" });
    await shows(list.getByRole("option", { name: /^\/incident open/ }));
    await owner.box.press("ArrowDown");
    await owner.box.press("Tab");
    expect(await owner.box.inputValue()).toBe("/incident update ");
    await owner.box.press("Escape");
    await owner.box.fill("/announce info Hi");
    await owner.box.press("Enter");
    await shows(bar(owner).getByText("Announcement"));
  });

  it("wait for the part that knows them, and are not sent meanwhile", async () => {
    await using app = await chatApp();
    await using owner = await seat(browser, { app, person: app.owner });
    const late = await holdBack(owner, /CommandsPart/);
    await owner.page.reload();
    await owner.seesRoom("General");
    await owner.box.pressSequentially("/inc");
    await late.asked;
    // The person waits, and types nothing more.
    late.release();
    const list = owner.page.getByRole("listbox", { name: "Commands" });
    await shows(list.getByRole("option", { name: /^\/incident open/ }));

    const later = await holdBack(owner, /CommandsPart/);
    await owner.page.reload();
    await owner.seesRoom("General");
    await owner.box.fill("/announce info Hi");
    await later.asked;
    await owner.box.press("Enter");
    await shows(owner.page.getByText("Loading commands…"));
    await owner.box.press("Enter");
    later.release();
    await shows(bar(owner).getByText("Press Enter again to publish this."));
    expect(await owner.box.inputValue()).toBe("/announce info Hi");
    expect(await owner.texts()).toEqual([]);
    expect(app.services.status.board.announcements()).toEqual([]);
    await owner.box.press("Enter");
    await shows(banner(owner).getByText("Hi"));
  });

  it("keep the text when something is wrong with it, and send it after two slashes", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using member = await seat(browser, { app, person: bo });
    await isReady(member);
    await member.box.fill("/incident open Help");
    await member.box.press("Enter");
    await shows(bar(member).getByText(/There is no command \/incident\./));
    expect(await member.box.inputValue()).toBe("/incident open Help");
    await checkBothThemes(member);
    await member.box.fill("//incident open Help");
    await member.box.press("Enter");
    await shows(member.message("/incident open Help"));
    await member.say("/etc/hosts is a path");
    await member.box.fill(" /tea");
    await member.box.press("Enter");
    await eventually(() => member.texts()).toEqual(["/incident open Help", "/etc/hosts is a path", "/tea"]);
  });
});
