import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { chatApp, openScreen, seat } from "./people_kit.ts";
import { eventually, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Width and height of a PNG (PNG specification, 11.2.1). */
function sizeOf(png: DataView): string {
  return `${png.getUint32(16)}x${png.getUint32(20)}`;
}

describe("the installed app", () => {
  it("can be installed, with icons that are what the manifest says", async () => {
    await using app = await chatApp();
    await using visitor = await openScreen(browser, { url: app.url });
    const devtools = await visitor.page.context().newCDPSession(visitor.page);
    const { errors, data = "" } = await devtools.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
    // Profiles of tests are private windows, which install nothing.
    const found = installabilityErrors.map(({ errorId }) => errorId);
    expect(found.filter((error) => error !== "in-incognito")).toEqual([]);

    const { icons, shortcuts, share_target: share } = JSON.parse(data);
    const purposes = new Set<string>();
    for (const { src, sizes, type, purpose } of icons) {
      const answer = await app.device().fetch(src);
      expect([src, answer.status, answer.headers.get("content-type")]).toEqual([src, 200, type]);
      const bytes = new DataView(await answer.arrayBuffer());
      if (type === "image/png") expect([src, sizeOf(bytes)]).toEqual([src, sizes]);
      purposes.add(`${purpose} ${sizes}`);
    }
    for (const purpose of ["any", "maskable"]) {
      expect([...purposes]).toEqual(expect.arrayContaining([`${purpose} 192x192`, `${purpose} 512x512`]));
    }
    const page = await app.device().fetch("/");
    const touch = /<link rel="apple-touch-icon" href="([^"]+)">/.exec(await page.text())?.[1] ?? "";
    const paths = [touch, share.action, ...shortcuts.map(({ url }: { url: string }) => url)];
    for (const path of paths) {
      const answer = await app.device().fetch(path);
      await answer.body?.cancel();
      expect([path, answer.status]).toEqual([path, 200]);
    }
  });

  it("opens the dialog of a shortcut", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner }, { path: "/?open=browse" });
    await shows(ana.dialog("Browse rooms"));
    expect(new URL(ana.page.url()).search).toBe("");
    await ana.page.keyboard.press("Escape");
    await ana.dialog("Browse rooms").waitFor({ state: "hidden" });
  });

  it("puts a shared text into the composer of a chosen room, after the draft, and sends nothing", async () => {
    await using app = await chatApp();
    const { api } = app.owner;
    await api.rooms.create.mutate({ name: "Harbour", kind: "public" });
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    await ana.openRoom("Harbour");
    await ana.box.fill("Look:");
    // The draft is stored when the room is left.
    await ana.openRoom("General");
    const shared = new URLSearchParams({
      title: "Tide tables",
      text: "<b>High</b> at 6",
      url: "https://a.example/",
    });
    await ana.page.goto(`${app.url}/share?${shared}`);
    const dialog = ana.dialog("Share in a room");
    await shows(dialog.getByText("<b>High</b> at 6"));
    expect(ana.page.url()).toBe(`${app.url}/share`);
    await ana.page.reload();
    await dialog.getByRole("searchbox", { name: "Room or person" }).fill("harb");
    await ana.page.keyboard.press("Enter");
    await ana.seesRoom("Harbour");
    await eventually(() => ana.box.inputValue()).toBe(
      "Look:\nTide tables\n<b>High</b> at 6\nhttps://a.example/",
    );
    expect(await ana.texts()).toEqual([]);
  });

  it("asks people who are signed out to sign in first, and keeps what is shared", async () => {
    await using app = await chatApp();
    await using ana = await openScreen(browser, { url: `${app.url}/share?text=Ahoy` });
    await ana.page.getByRole("textbox", { name: "Name", exact: true }).fill("Ana");
    await ana.page.getByRole("textbox", { name: "Password", exact: true }).fill(app.owner.password ?? "");
    await ana.button("Sign in").click();
    await ana.dialog("Share in a room").getByRole("button", { name: "General" }).click();
    await ana.seesRoom("General");
    await eventually(() => ana.box.inputValue()).toBe("Ahoy");
  });
});
