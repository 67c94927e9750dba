import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "../../shared/status/uptime.ts";
import { withoutFormatCharacters } from "../../shared/format_characters.ts";
import type { StatusId } from "../../shared/ids.ts";
import { NASTY_TEXTS } from "../client/ui/nasty_texts.ts";
import { html, NOW, troubledApp } from "../server/status/page_kit.ts";
import { expectNoAxeViolations } from "../support/accessibility.ts";
import { openBrowser } from "../support/browser.ts";
import type { Page, TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { testApp } from "../support/test_app.ts";
import type { TestApp } from "../support/test_app.ts";

/** Of Brotli: the script and the words of one language. */
const SCRIPT_MAX_BYTES = 6_000;

let browser: TestBrowser;
beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Renewing takes up to a second, and tests share a machine. */
const soon = <T>(ask: () => T) => expect.poll(ask, { timeout: 15_000 });

/** A server where two rounds of probes found that all is well. */
async function wellApp(clock = { now: Date.now() }): Promise<TestApp> {
  const app = await testApp({ now: () => clock.now, files: await builtClient() });
  for (let round = 0; round < 2; round++) {
    clock.now += 20_000;
    await app.server.monitor.tick();
  }
  return app;
}

const headline = (page: Page) => page.locator(".verdict h2").innerText();
const open = (page: Page) => page.locator(".open").innerText();
/** What a page says, as soon as it follows the events. */
async function follow(app: TestApp): Promise<void> {
  await soon(() => app.server.sse.visitorCount).toBeGreaterThan(0);
}

/** Resolves when the page next hears from the server, with the time of its clock, which may run ahead of answers. */
const nextSign = (page: Page) =>
  page.evaluate(() =>
    new Promise<number>((resolve) =>
      document.addEventListener("statusheard", () => resolve(Date.now()), { once: true })
    )
  );
/** Lets the clock of the page run until a time. */
async function runUntil(page: Page, at: number): Promise<void> {
  await page.clock.runFor(at - await page.evaluate(() => Date.now()));
}

describe("the open status page", () => {
  it("has a small script of its own", async () => {
    const files = await builtClient();
    const sizeOf = (name: string) =>
      files.filter(({ path }) => path.startsWith(`/static/${name}-`))
        .map(({ contents }) => brotliCompressSync(contents).length);
    const words = ["words_en", "words_de", "words_fr", "words_es"].flatMap(sizeOf);
    expect(words.length).toBe(4);
    const [script = Infinity, ...others] = sizeOf("status_page");
    expect(others).toEqual([]);
    expect(script + Math.max(...words)).toBeLessThan(SCRIPT_MAX_BYTES);
  });

  it(
    "follows incidents, announcements and what is taken back, and draws them as the server does",
    async () => {
      const clock = { now: NOW };
      await using app = await troubledApp(clock, { files: await builtClient() });
      await using profile = await browser.openProfile({ timezoneId: "UTC", colorScheme: "dark" });
      const page = await profile.openPage(`${app.url}/status`);
      await follow(app);
      const { status } = app.services;
      const { id: by } = app.owner;
      const { incidents, announcements } = status;
      const text =
        'All **calls** `end` [here](https://example.org/?a=1&b=2)\n\n- one\n- two\n\n> said\n\n1 < 2 "&"';
      const down = [{ id: "messages", status: "major_outage" }] as const;
      const id = await incidents.open({ title: "Messages <b>fail</b>", text, components: down }, by);
      await soon(() => headline(page)).toBe("Messages are down");
      expect(await page.title()).toBe("Messages are down · Parley status");
      expect(await page.locator("link[rel=icon]").getAttribute("href")).toContain("b3261e");
      expect((await page.locator(".part.major_outage .state").innerText()).trim()).toBe("Major outage");
      await soon(() => page.locator(".part.major_outage .bars a").last().getAttribute("class")).toBe(
        "major_outage",
      );
      await incidents.update({ id, state: "identified", text: "Found" }, by);
      await soon(() => open(page)).toContain("Identified");
      const said = await announcements.announce({ text: "Save *now*", level: "critical" }, by);
      await soon(() => open(page)).toContain("Save now");
      await expectNoAxeViolations(page);
      const drawn = await page.locator(".open").evaluate((node) => node.getHTML());
      const fresh = await page.evaluate(async () => {
        const response = await fetch("/status", { headers: { accept: "text/html" }, cache: "no-store" });
        const served = new DOMParser().parseFromString(await response.text(), "text/html");
        for (const time of served.querySelectorAll("time")) time.title = time.textContent;
        return served.querySelector(".open")?.getHTML();
      });
      expect(drawn).toBe(fresh);
      await announcements.retract(said, by);
      await soon(() => open(page)).not.toContain("Save now");
      await incidents.delete(id, by);
      await soon(() => open(page)).not.toContain("Messages");
      await soon(() => headline(page)).toBe("Live connection is degraded");
      await incidents.update({ id: app.incidentId, state: "resolved", text: "Over" }, by);
      await soon(() => headline(page)).toBe("All systems operational");
      await soon(() => page.locator("section:has(#past)").innerText()).toContain("Live is slow");
    },
    60_000,
  );

  it("tells screen readers of each thing once", async () => {
    await using app = await wellApp();
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`${app.url}/status`);
    await follow(app);
    await page.evaluate(() => {
      const told: string[] = [];
      Reflect.set(globalThis, "told", told);
      for (const region of document.querySelectorAll(".told")) {
        new MutationObserver(() => told.push(`${region.role}: ${region.textContent}`))
          .observe(region, { childList: true, characterData: true, subtree: true });
      }
    });
    const told = () => page.evaluate(() => Reflect.get(globalThis, "told") as string[]);
    const { announcements, incidents } = app.services.status;
    const { id: by } = app.owner;
    await announcements.announce({ text: "Tea *is* ready", level: "info" }, by);
    await soon(told).toEqual(["status: Tea is ready"]);
    await announcements.announce({ text: "Leave now", level: "critical" }, by);
    await soon(told).toEqual(["status: Tea is ready", "alert: Leave now"]);
    const id = await incidents.open({ title: "Slow", text: "We look.", components: [] }, by);
    const opened = "status: Investigating: Slow. Slow. Investigating: We look.";
    await soon(told).toEqual(["status: Tea is ready", "alert: Leave now", opened]);
    await incidents.update({ id, state: "resolved", text: "Fast." }, by);
    await soon(async () => (await told()).slice(3)).toEqual(["status: All systems operational."]);
  }, 30_000);

  it("T16 runs nothing of what people write while it is open", async () => {
    await using app = await wellApp();
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`${app.url}/status`);
    await follow(app);
    const { incidents, announcements } = app.services.status;
    for (let start = 0; start < NASTY_TEXTS.length; start += 10) {
      const texts = NASTY_TEXTS.slice(start, start + 10).filter((text) =>
        withoutFormatCharacters(text).trim() !== ""
      );
      const ids: StatusId[] = [];
      for (const text of texts) {
        ids.push(await incidents.open({ title: text, text, components: [] }, app.owner.id));
      }
      const said = await announcements.announce(
        { text: `${start} ${texts[0]}`, level: "info" },
        app.owner.id,
      );
      const last = ids.at(-1) ?? "";
      await soon(() => page.locator(`.open [data-item="${last}"]`).count()).toBe(1);
      await soon(() => page.locator(`.open [data-item="${said}"]`).count()).toBe(1);
      const odd = await page.evaluate(() =>
        document.querySelectorAll(
          "main script, iframe, img, object, form, main style, [onclick], [onerror], [onload], [href^=javascript]",
        ).length
      );
      expect(odd).toBe(0);
      for (const id of ids) await incidents.delete(id, app.owner.id);
      await announcements.retract(said, app.owner.id);
    }
    expect(profile.problems).toEqual([]);
  }, 60_000);

  it("asks for the page where a proxy holds events back, and turns grey where nothing answers", async () => {
    const clock = { now: Date.now() };
    const app = await wellApp(clock);
    await using profile = await browser.openProfile();
    profile.allowProblems(/ERR_|Failed to load resource/);
    const page = await profile.openPage();
    await page.clock.install({ time: clock.now });
    // Never answered, as by a proxy that waits for the end.
    const dialled = new Promise<void>((resolve) => page.route("**/status/events*", () => resolve()));
    await page.goto(`${app.url}/status`);
    await dialled;
    const components = [{ id: "live", status: "partial_outage" }] as const;
    await app.services.status.incidents.open({ title: "Hm", text: "Hm.", components }, app.owner.id);
    await page.clock.runFor(9_000);
    expect(await headline(page)).toBe("All systems operational");
    await page.clock.runFor(3_000);
    await soon(() => headline(page)).toBe("Live connection fails for some people");
    const heard = nextSign(page);
    await page.clock.runFor(35_000);
    const heardAt = await heard;
    expect(await page.locator("html.old").count()).toBe(0);
    await app[Symbol.asyncDispose]();
    await runUntil(page, heardAt + 40_000);
    expect(await page.locator("html.old").count()).toBe(0);
    await runUntil(page, heardAt + 47_000);
    await soon(() => page.locator("html.old").count()).toBe(1);
    expect(await headline(page)).toBe("The current state is unknown");
    expect(await page.title()).toMatch(/^State unknown · /);
  }, 60_000);

  it(
    "turns grey 45 s after the last sign of life, even where nothing fails and nothing answers",
    async () => {
      const clock = { now: Date.now() };
      await using app = await wellApp(clock);
      await using profile = await browser.openProfile();
      const page = await profile.openPage();
      await page.clock.install({ time: clock.now });
      await page.goto(`${app.url}/status`);
      await follow(app);
      const heard = nextSign(page);
      const { publicFeed, board } = app.services.status;
      await Promise.all([
        heard,
        page.evaluate(() => null).then(() => publicFeed.tell({ type: "metrics", metrics: board.metrics })),
      ]);
      let isAlive = true;
      await page.route(/\/(status|healthz)/, (route) => isAlive ? route.continue() : undefined);
      // A server that answers is not lost: its events may be held back.
      const answered = nextSign(page);
      await page.clock.runFor(33_000);
      await answered;
      expect(await page.locator("html.old").count()).toBe(0);
      const asked = page.waitForResponse((answer) => answer.url().endsWith("/status/summary.json"));
      const heardAgain = nextSign(page);
      await page.clock.runFor(33_000);
      const [heardAt] = await Promise.all([heardAgain, asked]);
      isAlive = false;
      await runUntil(page, heardAt + 40_000);
      expect(await page.locator("html.old").count()).toBe(0);
      await runUntil(page, heardAt + 47_000);
      expect(await page.locator("html.old").count()).toBe(1);
      expect(await headline(page)).toBe("The current state is unknown");
      expect(await page.locator("[data-figure]").allInnerTexts()).toEqual(["not measured", "not measured"]);
    },
    60_000,
  );

  it("turns grey when events stop, and comes back with them", async () => {
    const clock = { now: Date.now() };
    await using app = await wellApp(clock);
    await using profile = await browser.openProfile();
    profile.allowProblems(/ERR_|Failed to load resource/);
    const page = await profile.openPage();
    await page.clock.install({ time: clock.now });
    await page.goto(`${app.url}/status`);
    await follow(app);
    let isCut = true;
    await page.route(/\/(status|healthz)/, (route) => isCut ? route.abort() : route.continue());
    await page.clock.runFor(50_000);
    await soon(() => page.locator("html.old").count()).toBe(1);
    expect(await page.locator(".part .state").first().innerText()).toBe("Last known: Operational");
    await app.services.status.announcements.announce({ text: "In between", level: "info" }, app.owner.id);
    isCut = false;
    for (let round = 0; round < 6; round++) {
      clock.now += 20_000;
      await app.server.monitor.tick();
    }
    await page.clock.runFor(60_000);
    await soon(() => page.locator("html.old").count()).toBe(0);
    const { metrics } = app.services.status.board;
    app.services.status.publicFeed.tell({ type: "metrics", metrics });
    await soon(() => open(page)).toContain("In between");
    await soon(() => headline(page)).toBe("All systems operational");
    await soon(() => page.locator(".part .state").first().innerText()).toContain("Operational");
    expect(await page.title()).toBe("All systems operational · Parley status");
  }, 60_000);

  it("is grey when a kept copy is opened a day later without a network", async () => {
    const app = await wellApp();
    const copy = await (await html(app)).text();
    await app[Symbol.asyncDispose]();
    await using profile = await browser.openProfile();
    profile.allowProblems(/ERR_|Failed to load resource/);
    const page = await profile.openPage();
    await page.clock.install({ time: Date.now() + DAY_MS });
    await page.route(
      "**/*",
      (route) =>
        route.request().isNavigationRequest()
          ? route.fulfill({ body: copy, contentType: "text/html; charset=utf-8" })
          : route.abort(),
    );
    await page.goto("http://status.test/status");
    await soon(() => headline(page)).toBe("The current state is unknown");
    expect(await page.locator(".part .state").first().innerText()).toBe("Last known: Operational");
  });

  it("counts the seconds since the last check, and calls late checks unknown", async () => {
    const clock = { now: Date.now() };
    await using app = await wellApp(clock);
    await using profile = await browser.openProfile();
    const page = await profile.openPage();
    await page.clock.install({ time: clock.now });
    await page.goto(`${app.url}/status`);
    await follow(app);
    const line = () => page.locator(".verdict p").innerText();
    await page.clock.runFor(5_000);
    await soon(line).toMatch(/^Checked [4-6] seconds ago\.$/);
    const { publicFeed, board } = app.services.status;
    for (let count = 0; count < 2; count++) {
      await page.clock.runFor(25_000);
      // A page that hears nothing for 45 s begins anew.
      const heard = nextSign(page);
      await Promise.all([
        heard,
        page.evaluate(() => null).then(() => publicFeed.tell({ type: "metrics", metrics: board.metrics })),
      ]);
    }
    await page.clock.runFor(25_000);
    await soon(() => headline(page)).toBe("The current state is unknown");
  }, 30_000);

  it("moves along the days with arrows, Home and End, as one stop of the Tab key", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock, { files: await builtClient() });
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`${app.url}/status`);
    await follow(app);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    await page.locator(".bars a").nth(89).focus();
    await page.keyboard.press("ArrowLeft");
    expect(await focused()).toBe("30 January 2030: 100 %");
    await page.keyboard.press("Home");
    expect(await focused()).toBe("3 November 2029: 100 %");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("4 November 2029: 100 %");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("31 January 2030: 99.99 %");
    await page.keyboard.press("Shift+Tab");
    expect(await focused()).toBe("4 November 2029: 100 %");
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator(".bars a").nth(89).focus();
    await page.keyboard.press("Home");
    expect(await focused()).toBe("2 January 2030: 100 %");
    await page.keyboard.press("Enter");
    await page.waitForURL(/month=2030-01#2030-01-02$/);
  }, 30_000);

  it("shows times of the visitor's zone or UTC, as the visitor likes", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock, { files: await builtClient() });
    await using profile = await browser.openProfile({ timezoneId: "Europe/Berlin" });
    const page = await profile.openPage(`${app.url}/status`);
    const time = page.locator("time").first();
    await soon(() => time.innerText()).toBe("31 Jan 2030, 13:00 CET");
    expect(await time.getAttribute("title")).toBe("31 Jan 2030, 12:00 UTC");
    await page.getByRole("button", { name: "Show UTC" }).click();
    expect(await time.innerText()).toBe("31 Jan 2030, 12:00 UTC");
    await page.reload();
    await page.getByRole("button", { name: "Show CET" }).waitFor();
    expect(await time.innerText()).toBe("31 Jan 2030, 12:00 UTC");
    await expectNoAxeViolations(page);
  }, 30_000);
});
