import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import type { Person, TestApp } from "../support/test_app.ts";
import { chatApp, seat } from "./people_kit.ts";
import type { Seat } from "./people_kit.ts";
import { distanceToEnd } from "./scroll_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

const WIDTH = 390;
const HEIGHT = 844;
/** What a keyboard leaves of the screen, where the page gets smaller for it. */
const HEIGHT_WITH_KEYBOARD = 460;
const PHONE: Seat = { viewport: { width: WIDTH, height: HEIGHT }, hasTouch: true, isMobile: true };

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Ana, who owns the place, and Bo have said something in the first room, and Ana has read it. */
async function talk(app: TestApp): Promise<Person> {
  const bo = await app.person("Bo");
  const roomId = (await bo.api.rooms.list.query())[0]?.id;
  if (roomId === undefined) throw new Error("There is no first room");
  for (let number = 1; number <= 14; number++) {
    const { api } = number % 2 === 0 ? app.owner : bo;
    const text = `Line ${number}`;
    const { offset } = await api.messages.send.mutate({ roomId, clientMessageId: `n${number}`, text });
    await app.owner.api.rooms.markRead.mutate({ roomId, offset });
  }
  return bo;
}

/** The lowest and the rightmost pixel that something takes. */
async function extentOf(screen: Screen): Promise<{ boxBottom: number; pageWidth: number; height: number }> {
  const box = await screen.box.boundingBox();
  return {
    boxBottom: (box?.y ?? 0) + (box?.height ?? 0),
    ...await screen.page.evaluate(() => ({
      pageWidth: document.documentElement.scrollWidth,
      height: innerHeight,
    })),
  };
}

/** A finger that rests on something until a menu comes. */
async function longPress(screen: Screen, text: string): Promise<void> {
  const box = await screen.message(text).boundingBox();
  if (box === null) throw new Error(`"${text}" is not to be seen`);
  const devtools = await screen.profile.context.newCDPSession(screen.page);
  const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
  await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
  await shows(screen.page.getByRole("dialog", { name: new RegExp(text) }));
  await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await devtools.detach();
}

describe("on a phone", () => {
  it("shows the list, then a room, and goes back by button and by gesture", async () => {
    await using app = await chatApp();
    await talk(app);
    await using ana = await seat(browser, { app, person: app.owner }, PHONE);
    await shows(ana.page.getByRole("main").getByRole("navigation", { name: "Rooms" }));
    await hides(ana.log);
    await ana.room("General").tap();
    await ana.seesRoom("General");
    await hides(ana.sidebar);
    await ana.button("All rooms").tap();
    await shows(ana.sidebar);
    await hides(ana.log);
    await ana.room("General").tap();
    await ana.seesRoom("General");
    await ana.page.goBack();
    await shows(ana.sidebar);
    await hides(ana.log);
    // Who comes in by a link has no list to go back to yet, and gets there all the same.
    await ana.page.goForward();
    await ana.seesRoom("General");
    await using other = await seat(browser, { app, person: app.owner }, {
      ...PHONE,
      path: new URL(ana.page.url()).pathname,
    });
    await other.seesRoom("General");
    await other.button("All rooms").tap();
    await shows(other.sidebar);
    expect(new URL(other.page.url()).pathname).toBe("/");
  });

  it("shows members over the room, and dialogs over them, until the back gesture", async () => {
    await using app = await chatApp();
    await talk(app);
    await using ana = await seat(browser, { app, person: app.owner }, PHONE);
    await ana.room("General").tap();
    await ana.button("Show members").tap();
    const members = ana.dialog("Members");
    await shows(members.getByRole("listitem").filter({ hasText: "Bo" }));
    await ana.page.goBack();
    await hides(members);
    await ana.seesRoom("General");
    await ana.button("Show members").tap();
    await members.getByRole("button", { name: "Add people" }).tap();
    await shows(ana.dialog("Add people to General"));
    await ana.page.goBack();
    await shows(members);
    await members.getByRole("button", { name: "Actions for Bo" }).tap();
    await ana.page.getByRole("menuitem", { name: "Send a message" }).tap();
    await ana.seesRoom("Bo");
    await hides(members);
  });

  it("keeps the composer above the keyboard and the end visible, without overflow", async () => {
    await using app = await chatApp();
    const person = await talk(app);
    await using ana = await seat(browser, { app, person: app.owner }, PHONE);
    await using bo = await seat(browser, { app, person });
    await ana.room("General").tap();
    await ana.sees("Line 14");
    const open = await extentOf(ana);
    expect(open.height).toBe(HEIGHT);
    expect(open.pageWidth).toBe(WIDTH);
    expect(open.boxBottom).toBeGreaterThan(HEIGHT - 100);
    expect(open.boxBottom).toBeLessThanOrEqual(HEIGHT);
    // Smaller type makes a phone zoom in as soon as one writes.
    expect(await ana.box.evaluate((box) => parseFloat(getComputedStyle(box).fontSize)))
      .toBeGreaterThanOrEqual(16);
    // The keyboard does not open by itself over what one came to read.
    expect(await ana.box.evaluate((box) => box === document.activeElement)).toBe(false);

    await ana.box.tap();
    await ana.page.setViewportSize({ width: WIDTH, height: HEIGHT_WITH_KEYBOARD });
    await eventually(async () => (await extentOf(ana)).boxBottom).toBeLessThanOrEqual(HEIGHT_WITH_KEYBOARD);
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
    await ana.box.fill("From the train");
    await ana.button("Send").tap();
    await bo.sees("From the train");
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
    expect(await ana.box.evaluate((box) => box === document.activeElement)).toBe(true);
    expect((await extentOf(ana)).pageWidth).toBe(WIDTH);
  });

  it("has space for every choice of the preferences", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner }, PHONE);
    const page = await ana.openSettings("Preferences");
    const cut = await page.locator(".choice").evaluateAll((choices) =>
      choices.filter((choice) => {
        const words = choice.lastElementChild?.getBoundingClientRect();
        const end = choice.getBoundingClientRect().right - parseFloat(getComputedStyle(choice).paddingRight);
        return words === undefined || words.right > end;
      }).map((choice) => choice.textContent)
    );
    expect(cut).toEqual([]);
  });

  it("opens the actions of a message on a long press", async () => {
    await using app = await chatApp();
    const person = await talk(app);
    await using ana = await seat(browser, { app, person: app.owner }, PHONE);
    await using bo = await seat(browser, { app, person });
    await ana.room("General").tap();
    await ana.sees("Line 13");
    await longPress(ana, "Line 13");
    await ana.button("React with ❤️").tap();
    await shows(bo.message("Line 13").getByRole("button", { name: "❤️ 1, Ana. Add yours" }));
    await longPress(ana, "Line 13");
    await ana.page.getByRole("dialog").getByRole("button", { name: "Reply" }).tap();
    await ana.box.fill("So it is");
    await ana.button("Send").tap();
    await shows(
      bo.message("So it is").getByRole("button", { name: /Go to the original message: .*Line 13/ }),
    );
  });

  it("shows that more pages of the settings follow, and the name of the open one", async () => {
    await using app = await chatApp();
    for (const colorScheme of ["light", "dark"] as const) {
      await using ana = await seat(browser, { app, person: app.owner }, { ...PHONE, colorScheme });
      await ana.button("Settings").click();
      const list = ana.dialog("Settings").getByRole("tablist");
      const box = await list.boundingBox();
      if (box === null) throw new Error("There is no list");
      /** A strip above the names: at the left end of the list, in its middle, or at its right end. */
      const strip = async (share: 0 | 0.5 | 1) => {
        const clip = { x: box.x + share * (box.width - 2), y: box.y + 1, width: 2, height: 4 };
        return (await ana.page.screenshot({ clip })).toHex();
      };
      await eventually(async () => [await strip(0) === await strip(0.5), await strip(1) === await strip(0.5)])
        .toEqual([true, false]);
      await ana.openSettings("Status");
      await eventually(async () => [await strip(0) === await strip(0.5), await strip(1) === await strip(0.5)])
        .toEqual([false, true]);
      const tab = await list.getByRole("tab", { name: "Status" }).boundingBox();
      expect((tab?.x ?? WIDTH) + (tab?.width ?? WIDTH)).toBeLessThanOrEqual(WIDTH);
    }
  }, 60_000);
});
