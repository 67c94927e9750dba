import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNoAxeViolations } from "../../support/accessibility.ts";
import { openBrowser } from "../../support/browser.ts";
import type { Page, Profile, TestBrowser } from "../../support/browser.ts";
import { serveComponentPage } from "../../support/component_page.ts";
import type { ComponentPage } from "../../support/component_page.ts";

let parts: ComponentPage;
let browser: TestBrowser;

beforeAll(async () => {
  parts = await serveComponentPage("tests/client/composer/ComposerPage.tsx");
  browser = await openBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await parts[Symbol.asyncDispose]();
});

const FIELD = ".box-field";

async function openComposer(profile: Profile): Promise<Page> {
  const page = await profile.openPage(parts.url);
  await page.focus(FIELD);
  return page;
}

const toldBy = (page: Page) => page.locator("li").allTextContents();
const hasFocus = (page: Page) => page.locator(FIELD).evaluate((field) => field === document.activeElement);

describe("Composer in a browser", () => {
  it("keeps the focus when something is sent, by key and by button", async () => {
    await using profile = await browser.openProfile();
    const page = await openComposer(profile);
    await page.keyboard.type("one");
    await page.keyboard.press("Enter");
    await page.keyboard.type("two");
    await page.click("button[aria-label=Send]");
    await page.keyboard.type("three");
    expect(await toldBy(page)).toEqual(["send one ", "send two "]);
    expect(await page.inputValue(FIELD)).toBe("three");
  });

  it("completes a name with the keyboard, and undo takes only that back", async () => {
    await using profile = await browser.openProfile();
    const page = await openComposer(profile);
    await page.keyboard.type("hi @an");
    await page.keyboard.press("ArrowDown");
    const active = await page.getAttribute(FIELD, "aria-activedescendant");
    expect(await page.textContent(`[id="${active}"]`)).toContain("Ana Maria");
    await page.keyboard.press("Tab");
    await page.keyboard.type("!");
    expect(await page.inputValue(FIELD)).toBe("hi @Ana Maria !");
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    expect(await page.inputValue(FIELD)).toMatch(/^hi @an/);
    expect(await page.inputValue(FIELD)).not.toContain("Maria");
  });

  it("takes a click on a name without losing the focus", async () => {
    await using profile = await browser.openProfile();
    const page = await openComposer(profile);
    await page.keyboard.type("#ge");
    await page.click("[role=option]");
    await page.keyboard.type("now");
    expect(await page.inputValue(FIELD)).toBe("#General now");
    expect(await toldBy(page)).toEqual([]);
  });

  it("lets an input method have Enter", async () => {
    await using profile = await browser.openProfile();
    const page = await openComposer(profile);
    const devtools = await profile.context.newCDPSession(page);
    await devtools.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
    await devtools.send("Input.dispatchKeyEvent", {
      type: "keyDown",
      key: "Enter",
      windowsVirtualKeyCode: 229,
    });
    expect(await toldBy(page)).toEqual([]);
    await devtools.send("Input.insertText", { text: "日本" });
    expect(await page.inputValue(FIELD)).toBe("日本");
    await page.keyboard.press("Enter");
    expect(await toldBy(page)).toEqual(["send 日本 "]);
  });

  it("makes a link of an address pasted over a selection", async () => {
    await using profile = await browser.openProfile();
    const page = await openComposer(profile);
    await page.keyboard.type("the notes");
    for (let i = 0; i < 5; i++) await page.keyboard.press("Shift+ArrowLeft");
    await page.locator(FIELD).evaluate((field) => {
      const data = new DataTransfer();
      data.setData("text/plain", "https://a.example/x");
      field.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
      );
    });
    expect(await page.inputValue(FIELD)).toBe("the [notes](https://a.example/x)");
  });

  it("makes lines in an open fence and grows with them up to 40 % of the view", async () => {
    await using profile = await browser.openProfile();
    const page = await openComposer(profile);
    await page.keyboard.type("```");
    for (let i = 0; i < 30; i++) await page.keyboard.press("Enter");
    expect(await toldBy(page)).toEqual([]);
    const box = await page.locator(FIELD).boundingBox();
    expect(box?.height).toBeGreaterThan(300);
    expect(box?.height).toBeLessThanOrEqual(320);
    await page.keyboard.type("```");
    await page.keyboard.press("Enter");
    expect((await toldBy(page))[0]).toMatch(/^send ```/);
  });

  it("edits the last message on Up and replies with a bar that Esc takes away", async () => {
    await using profile = await browser.openProfile();
    const page = await openComposer(profile);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type("ing");
    await page.keyboard.press("Enter");
    expect(await toldBy(page)).toEqual(["edit 3 lasting"]);
    await page.click("text=Reply");
    await page.waitForSelector(".box-target");
    expect(await hasFocus(page)).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.locator(".box-target").count()).toBe(0);
  });

  it("picks an emoji by search and puts it at the caret", async () => {
    await using profile = await browser.openProfile();
    const page = await openComposer(profile);
    await page.keyboard.type("well done");
    await page.click("button[aria-label=Emoji]");
    await page.waitForSelector(".emoji-cell");
    await page.keyboard.type("tada");
    await page.keyboard.press("Enter");
    expect(await page.inputValue(FIELD)).toBe("well done 🎉");
    expect(await hasFocus(page)).toBe(true);
  });

  it("keeps a draft over a reload, and never overwrites the box that has the focus", async () => {
    await using profile = await browser.openProfile();
    const first = await openComposer(profile);
    await first.keyboard.type("half a thought");
    await first.reload();
    expect(await first.inputValue(FIELD)).toBe("half a thought");
    await first.locator(FIELD).blur();
    const second = await profile.openPage(parts.url);
    await second.focus(FIELD);
    await second.keyboard.press("End");
    await second.keyboard.type(", grown");
    await first.waitForFunction(
      (field) => document.querySelector<HTMLTextAreaElement>(field)?.value === "half a thought, grown",
      FIELD,
      { polling: 50 },
    );
    await second.evaluate(() => {
      const heard = new Promise((resolve) => addEventListener("storage", resolve, { once: true }));
      Reflect.set(globalThis, "heard", heard);
    });
    await first.evaluate(() => localStorage.setItem("parley.draft.me.general", "from elsewhere"));
    await second.evaluate(async () => void await Reflect.get(globalThis, "heard"));
    expect(await second.inputValue(FIELD)).toBe("half a thought, grown");
  });

  it("has no accessibility fault in either theme, with its lists open", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await using profile = await browser.openProfile({ colorScheme });
      const page = await openComposer(profile);
      await page.keyboard.type("@a");
      await page.waitForSelector("[role=option]");
      await expectNoAxeViolations(page);
      await page.keyboard.press("Escape");
      await page.click("button[aria-label=Emoji]");
      await page.waitForSelector(".emoji-cell");
      await expectNoAxeViolations(page);
    }
  });

  it("has targets of 44 px and text of 16 px on a phone", async () => {
    await using profile = await browser.openProfile({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    const page = await openComposer(profile);
    for (const target of [FIELD, "button[aria-label=Send]", "button[aria-label=Emoji]"]) {
      expect((await page.locator(target).boundingBox())?.height, target).toBeGreaterThanOrEqual(44);
    }
    const size = await page.locator(FIELD).evaluate((field) => getComputedStyle(field).fontSize);
    expect(size).toBe("16px");
  });
});
