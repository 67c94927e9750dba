import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../../support/browser.ts";
import type { Page, TestBrowser } from "../../support/browser.ts";
import { serveComponentPage } from "../../support/component_page.ts";
import type { ComponentPage } from "../../support/component_page.ts";

let browser: TestBrowser;
let parts: ComponentPage;
beforeAll(async () => {
  [browser, parts] = await Promise.all([
    openBrowser(),
    serveComponentPage("tests/client/ui/AboveDialogsPage.tsx"),
  ]);
});
afterAll(async () => {
  await parts[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
});

/** Calls a part of the page. */
function run(page: Page, part: "show" | "ring", input: unknown): Promise<void> {
  return page.evaluate(([part, input]) => {
    const parts = Reflect.get(globalThis, "parts") as Record<string, (input: unknown) => void>;
    parts[part]?.(input);
  }, [part, input] as const);
}

describe("a card above dialogs", () => {
  it("is in reach whatever opens and closes, and takes no focus", async () => {
    await using profile = await browser.openProfile();
    const page = await profile.openPage(parts.url);
    let answers = 0;
    const answer = async () => {
      // A click waits until nothing covers the button.
      await page.getByRole("button", { name: `Answer ${answers++}` }).click();
      await page.getByRole("button", { name: `Answer ${answers}` }).waitFor();
    };
    await run(page, "show", ["Settings"]);
    const field = page.getByLabel("Field of Settings");
    await field.pressSequentially("Hel");
    await run(page, "ring", true);
    await page.getByRole("button", { name: "Answer 0" }).waitFor();
    await page.keyboard.type("lo");
    expect(await field.inputValue()).toBe("Hello");
    await answer();
    // It is reached by the keyboard as well.
    await field.focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    answers++;
    await answer();
    await run(page, "show", ["Settings", "Sure?"]);
    await answer();
    await run(page, "show", ["Settings"]);
    await answer();
    await run(page, "show", []);
    await answer();
    await run(page, "ring", false);
    expect(await page.locator(".ring-cards > *").count()).toBe(0);
    await run(page, "show", ["Settings"]);
    await run(page, "ring", true);
    await answer();
  });
});
