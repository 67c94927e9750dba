import { describe, expect, it } from "vitest";
import { expectNoAxeViolations } from "../../support/accessibility.ts";
import { openBrowser } from "../../support/browser.ts";
import { testApp } from "../../support/test_app.ts";

describe("the menu of ways to subscribe", () => {
  it("opens without a script, is operable by keyboard, and fits narrow screens", async () => {
    await using app = await testApp();
    await using browser = await openBrowser();
    await using profile = await browser.openProfile({ javaScriptEnabled: false });
    const page = await profile.openPage(`${app.url}/status`);
    await page.setViewportSize({ width: 320, height: 700 });
    const menu = page.getByRole("navigation", { name: "Subscribe" });
    expect(await menu.locator("ul").isVisible()).toBe(false);
    await menu.locator("summary").focus();
    await page.keyboard.press("Enter");
    expect(await menu.locator("ul").isVisible()).toBe(true);
    expect(await menu.locator("code").innerText()).toBe(`/feed subscribe ${app.url}/status/feed.atom`);
    const box = await menu.locator("ul").boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(320);
    const hrefs = await menu.getByRole("link").evaluateAll((links) =>
      links.map((link) => link.getAttribute("href"))
    );
    const alternates = await page.locator("link[rel=alternate]").evaluateAll((links) =>
      links.map((link) => [link.getAttribute("type"), link.getAttribute("href")])
    );
    expect(alternates).toEqual([
      ["application/json", "/api/v2/summary.json"],
      ["application/atom+xml", "/status/feed.atom"],
      ["application/rss+xml", "/status/feed.rss"],
      ["text/calendar", "/status/maintenance.ics"],
    ]);
    for (const [, href] of alternates) expect(hrefs).toContain(href);
    for (const href of hrefs.filter((one) => one !== "/status/events")) {
      const response = await fetch(`${app.url}${href}`, { method: "HEAD" });
      expect([href, response.status]).toEqual([href, 200]);
    }
    await using scripted = await browser.openProfile();
    const checked = await scripted.openPage(`${app.url}/status`);
    await checked.locator("summary").click();
    await expectNoAxeViolations(checked);
    for (const width of [320, 400, 481, 1_280]) {
      await checked.setViewportSize({ width, height: 700 });
      const isWide = await checked.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect([width, isWide]).toEqual([width, false]);
    }
  }, 60_000);
});
