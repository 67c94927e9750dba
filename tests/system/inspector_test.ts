import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openNetworkProxy } from "../support/network_proxy.ts";
import { testApp } from "../support/test_app.ts";
import { checkBothThemes } from "./both_themes.ts";
import { chatApp, openScreen, seat } from "./people_kit.ts";
import { shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;
const SECRET = "The safe is behind the picture";

describe("the sync inspector", () => {
  it("opens by its keys, tells what happened, and gives a text without messages, names or tokens", async () => {
    await using proxy = await openNetworkProxy();
    await using app = await testApp({ files: await builtClient(), config: { publicUrl: proxy.url } });
    proxy.serve(app.port);
    const { cookie } = app.owner.device;
    await using ana = await openScreen(browser, {
      url: proxy.url,
      cookie,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await ana.seesRoom("General");
    await ana.say(SECRET);
    proxy.cut();
    await ana.page.keyboard.press("Control+Shift+D");
    const dialog = ana.dialog("Settings");
    await shows(dialog.getByText("Connected over WebSocket. Everything has arrived."));
    await shows(dialog.getByText(/^Lost WebSocket: 1006/));
    await shows(dialog.getByText(/^\d+ ms$/));
    await shows(dialog.getByText("The same version"));
    await shows(dialog.getByRole("listitem").filter({ hasText: "General" }).filter({ hasText: /up to \d+/ }));
    await checkBothThemes(ana);
    await ana.button("Copy as text").click();
    await shows(ana.button("Copied"));
    const text = await ana.page.evaluate(() => navigator.clipboard.readText());
    expect(text).toMatch(/^Sync inspector, /);
    expect(text).toMatch(/Lost WebSocket: 1006/);
    expect(text).toMatch(/: position \S+\.\d+, newest \d+, missing none/);
    for (const word of [SECRET, "General", "Ana", (cookie ?? "").replace("sid=", "")]) {
      expect(text).not.toContain(word);
    }
    // What waits is counted while there is no connection.
    proxy.set("black_hole");
    proxy.cut();
    await ana.page.keyboard.press("Escape");
    await ana.say("One more");
    await ana.page.keyboard.press("Control+Shift+D");
    await shows(dialog.getByText("There is no connection to the server."));
    await shows(dialog.getByText("1 waiting, 0 failed"));
    proxy.set("none");
    proxy.cut();
    await shows(dialog.getByText("Connected over WebSocket. Everything has arrived."));
    await shows(dialog.getByText("Empty"));
    ana.profile.allowProblems(/ERR_|WebSocket/);
  });

  it("is found in the settings of a phone", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner }, PHONE);
    await shows(ana.room("General"));
    const page = await ana.openSettings("Connection");
    await shows(page.getByText(/Everything has arrived/));
    await checkBothThemes(ana);
  });
});
