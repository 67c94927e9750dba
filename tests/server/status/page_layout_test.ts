import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { expectNoAxeViolations } from "../../support/accessibility.ts";
import { openBrowser } from "../../support/browser.ts";
import type { TestBrowser } from "../../support/browser.ts";
import { testApp } from "../../support/test_app.ts";
import { html, NOW, troubledApp } from "./page_kit.ts";

const HOUR_MS = 3_600_000;
let browser: TestBrowser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

const iso = (ms: number) => new Date(ms).toISOString();

describe("the layout of the status page", () => {
  it("has a label, an icon and times on each announcement, beside its colour", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const { announcements } = app.services.status;
    for (const level of ["info", "warning", "critical"] as const) {
      await announcements.announce(
        { text: `A ${level}`, level, expiresAt: iso(NOW + HOUR_MS) },
        app.owner.id,
      );
      clock.now += 1;
    }
    const times = "31 Jan 2030, 12:00 UTC – 31 Jan 2030, 13:00 UTC";
    for (const colorScheme of ["light", "dark"] as const) {
      await using profile = await browser.openProfile({ colorScheme, viewport: { width: 320, height: 700 } });
      const page = await profile.openPage(`${app.url}/status`);
      const labels = await page.locator(".notice .label").allInnerTexts();
      expect(labels.map((one) => one.replace(/\s+/g, " "))).toEqual([
        `Urgent ${times}`,
        `Warning ${times}`,
        `Announcement ${times}`,
      ]);
      const icons = page.locator(".notice .label use");
      expect(await icons.evaluateAll((all) => all.map((one) => one.getAttribute("href")))).toEqual([
        "#icon-critical",
        "#icon-warning",
        "#icon-info",
      ]);
      await expectNoAxeViolations(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      await page.emulateMedia({ media: "print" });
      expect(await page.locator(".notice .label").first().isVisible()).toBe(true);
    }
  }, 60_000);

  it("lists planned work by its start, says what runs longer, and times of updates in one line", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const { maintenances } = app.services.status;
    const { id: by } = app.owner;
    const plan = async (title: string, startMs: number) =>
      await maintenances.plan({
        title,
        text: "We move.",
        components: ["storage"],
        startsAt: iso(NOW + startMs),
        endsAt: iso(NOW + startMs + HOUR_MS),
      }, by);
    await plan("Last", 3 * DAY_MS);
    const first = await plan("First", HOUR_MS);
    await plan("Second", 2 * DAY_MS);
    await maintenances.update({ id: first, state: "in_progress", text: "It has begun." }, by);
    const label = "Running longer than planned";
    clock.now = NOW + 2 * HOUR_MS - 1;
    expect(await (await html(app)).text()).not.toContain(label);
    // Pages are made at most once a second.
    clock.now = NOW + 2 * HOUR_MS + 1_000;
    const summary = await (await fetch(`${app.url}/api/v2/summary.json`)).json();
    const names = summary.scheduled_maintenances.map(({ name }: { name: string }) => name);
    expect(names).toEqual(["First", "Second", "Last"]);
    await using profile = await browser.openProfile({ locale: "de", timezoneId: "Asia/Kolkata" });
    const page = await profile.openPage(`${app.url}/status`);
    expect(await page.locator(".timeline h3 a").allInnerTexts()).toEqual(["First", "Second", "Last"]);
    expect(await page.locator(".overrun").allInnerTexts()).toEqual(["Dauert länger als geplant"]);
    for (const time of await page.locator(".timeline dt time").all()) {
      expect(await time.evaluate((node) => node.getClientRects().length)).toBe(1);
      expect((await time.boundingBox())?.height).toBeLessThan(30);
    }
    expect((await (await html(app)).text()).match(new RegExp(label, "g"))?.length).toBe(1);
  }, 60_000);

  it("does not say that there was no incident below one that is open", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const { incidents } = app.services.status;
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`${app.url}/status`);
    const none = page.getByText("No incident so far.");
    expect(await none.isVisible()).toBe(true);
    // As the page's script draws one that is opened now.
    await page.evaluate(() => {
      const item = document.createElement("article");
      item.className = "timeline major_outage";
      document.querySelector(".open")?.append(item);
    });
    expect(await none.isVisible()).toBe(false);
    const id = await incidents.open({ title: "Hm", text: "Hm.", components: [] }, app.owner.id);
    expect(await (await html(app)).text()).not.toMatch(/No incident so far|Past incidents/);
    await incidents.update({ id, state: "resolved", text: "Over." }, app.owner.id);
    expect(await (await html(app)).text()).toContain("Past incidents");
  }, 60_000);

  it("says so where there is nothing: no component, no figure, no history", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const { components } = app.services.status;
    const { id: by } = app.owner;
    expect(await (await html(app)).text()).toContain('<dd data-figure="p50" class="none">not measured</dd>');
    for (const { id } of app.services.status.board.components()) {
      await components.set(id, { isHidden: true }, by);
    }
    await app.services.status.refresh();
    clock.now += 1_000;
    const page = await (await html(app)).text();
    expect(page).toContain('<p class="quiet">Nothing is measured yet.</p>');
    expect(page).not.toContain("All days in figures");
    const history = await (await html(app, "/status/history")).text();
    expect(history).toContain('<p class="quiet">There was none.</p>');
    expect(history).not.toContain("<table>");
  });

  it("aligns figures of now whose words are longer, in German on a phone", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock);
    await using profile = await browser.openProfile({ locale: "de", viewport: { width: 390, height: 844 } });
    const page = await profile.openPage(`${app.url}/status`);
    const tops = await page.locator(".figures dd").evaluateAll((all) =>
      all.map((one) => one.getBoundingClientRect().top)
    );
    expect(tops.length).toBe(2);
    expect(new Set(tops).size).toBe(1);
  }, 60_000);

  it("shows the words about a day below it, within the page, and covers no description", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock);
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`${app.url}/status`);
    for (const [width, shown] of [[1_280, 90], [600, 60], [320, 30]] as const) {
      await page.setViewportSize({ width, height: 800 });
      for (const place of [0, 0.5, 1]) {
        const bar = page.locator(".bars").first().locator("a").nth(
          90 - shown + Math.round(place * (shown - 1)),
        );
        await bar.focus();
        // Boxes of generated content have no rectangle; what they are placed by has.
        const { inset, barTop, height } = await bar.evaluate((node) => {
          const style = getComputedStyle(node, "::after");
          const { left, right, top, translate, height } = style;
          const isCentred = translate !== "none";
          const found = isCentred
            ? "centre"
            : parseFloat(left) <= 0.5
            ? "left"
            : parseFloat(right) <= 0.5
            ? "right"
            : "";
          return { inset: found, barTop: parseFloat(top), height: parseFloat(height) };
        });
        expect([width, place, inset]).toEqual([width, place, ["left", "centre", "right"][place * 2]]);
        expect(barTop).toBeGreaterThan(28);
        expect(height).toBeLessThan(40);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  }, 60_000);
});
