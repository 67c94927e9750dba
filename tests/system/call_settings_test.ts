import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openCallBrowser } from "../support/call_browser.ts";
import { checkBothThemes } from "./both_themes.ts";
import { chatApp, seat } from "./people_kit.ts";
import { eventually, Screen, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openCallBrowser({ hasTwoDevices: true });
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("the settings for calls", () => {
  it("keep devices and switches on this device, and the call doctor tests what was chosen", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    const calls = await ana.openSettings("Calls");
    const camera = calls.getByRole("combobox", { name: "Camera" });
    const options = () => camera.locator("option").allInnerTexts();
    await eventually(options).toContain("fake_device_1");
    await checkBothThemes(ana);
    await camera.selectOption("fake_device_1");
    const tab = new Screen(ana.profile, await ana.profile.openPage(`${app.url}/`));
    await tab.seesRoom("General");
    const there = (await tab.openSettings("Calls")).getByRole("switch", { name: /^Relay only/ });
    await calls.getByRole("switch", { name: /^Relay only/ }).check();
    // A tab that did not follow would show addresses in its next call.
    await eventually(() => there.isChecked()).toBe(true);
    await tab.page.close();
    await calls.getByRole("switch", { name: /^Suppress noise/ }).uncheck();
    await calls.getByRole("switch", { name: /^Push to talk/ }).check();
    await ana.page.reload();
    await shows(ana.dialog("Settings"));
    await ana.openSettings("Calls");
    await eventually(() => camera.locator("option:checked").innerText()).toBe("fake_device_1");
    const isOn = (name: RegExp) => calls.getByRole("switch", { name }).isChecked();
    expect(await Promise.all([/^Relay only/, /^Suppress noise/, /^Push to talk/, /^Single keys/].map(isOn)))
      .toEqual([true, false, true, true]);
    await calls.getByRole("button", { name: "Start the tests" }).click();
    await shows(calls.getByRole("listitem").filter({ hasText: "Camera" }).getByText("fake_device_1"));
    await camera.selectOption("System default");
    await ana.page.reload();
    await shows(ana.dialog("Settings"));
    await ana.openSettings("Calls");
    await eventually(() => camera.locator("option:checked").innerText()).toBe("System default");
  }, 60_000);
});
