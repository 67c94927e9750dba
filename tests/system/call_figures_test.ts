import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openCallBrowser } from "../support/call_browser.ts";
import { checkBothThemes } from "./both_themes.ts";
import { callPair, talk } from "./call_screen.ts";
import type { CallScreen } from "./call_screen.ts";
import { eventually, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Opens the safety code with somebody, and returns it. */
async function readCode(screen: CallScreen, name: string): Promise<string> {
  await screen.button(`Options for ${name}`).click();
  await screen.button("Compare the safety code").click();
  const dialog = screen.dialog(`Safety code with ${name}`);
  const code = dialog.locator(".safety-code");
  await shows(code);
  return (await code.locator("span").allInnerTexts()).join(" ");
}

describe("in a call between two people", () => {
  it("both read the same safety code", async () => {
    await using pair = await callPair(browser);
    await talk(pair);
    const codes = await Promise.all([readCode(pair.ana, "Bo"), readCode(pair.ben, "Ana")]);
    expect(codes[0]).toMatch(/^\d{5}( \d{5}){5}$/);
    expect(codes[0]).toBe(codes[1]);
    await checkBothThemes(pair.ana);
  }, 120_000);

  it("one sees what the connection measures", async () => {
    await using pair = await callPair(browser);
    const { ana } = pair;
    await talk(pair, "With camera");
    await ana.button("More").click();
    await ana.page.getByRole("menuitem", { name: /^Connection/ }).click();
    const bo = ana.dialog("Connection").getByRole("region", { name: "Bo" });
    await shows(bo.getByText("Direct · UDP"));
    await eventually(() => bo.getByRole("img", { name: /^Down/ }).getAttribute("aria-label"))
      .toMatch(/^Down: [\d.]+ [kM]bit\/s, [\d.]+ [kM]bit\/s to [\d.]+ [kM]bit\/s in the last minute$/);
    await checkBothThemes(ana);
    await ana.page.keyboard.press("Escape");
    await shows(ana.stage);
  }, 120_000);
});
