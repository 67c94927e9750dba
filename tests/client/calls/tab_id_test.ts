import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isId } from "../../../shared/ids.ts";
import { openBrowser } from "../../support/browser.ts";
import type { Page, TestBrowser } from "../../support/browser.ts";
import { callApp, openDevice, ready } from "../../support/call_page/call_device.ts";
import type { PageCalls } from "../../support/call_page/page.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

async function tabIdOf(page: Page): Promise<string> {
  await ready(page);
  return await page.evaluate(() => (globalThis as unknown as { readonly calls: PageCalls }).calls.tabId);
}

describe("the id of a tab", () => {
  it("stays the same after a reload, and is another one in a copy of the tab", async () => {
    await using app = await callApp();
    await using device = await openDevice(browser, { app, person: app.owner });
    const { page, profile } = device;
    const tabId = await tabIdOf(page);
    expect(isId(tabId)).toBe(true);
    await page.reload();
    expect(await tabIdOf(page)).toBe(tabId);
    // A window that a page opens begins with a copy of its session storage, like a tab that is duplicated.
    await page.evaluate(() => sessionStorage.setItem("copied", "yes"));
    const opening = profile.context.waitForEvent("page");
    await page.evaluate(() => void open(location.href));
    const copy = await opening;
    const other = await tabIdOf(copy);
    expect(await copy.evaluate(() => sessionStorage.getItem("copied"))).toBe("yes");
    expect(isId(other)).toBe(true);
    expect(other).not.toBe(tabId);
    await copy.reload();
    expect(await tabIdOf(copy)).toBe(other);
    await page.reload();
    expect(await tabIdOf(page)).toBe(tabId);
  }, 60_000);
});
