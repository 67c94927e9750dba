import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutFormatCharacters } from "../../../shared/format_characters.ts";
import type { StatusId } from "../../../shared/ids.ts";
import { PROBE_VALID_MS } from "../../../shared/status/probe_track.ts";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { NASTY_TEXTS } from "../../client/ui/nasty_texts.ts";
import { expectNoAxeViolations } from "../../support/accessibility.ts";
import { openBrowser } from "../../support/browser.ts";
import type { TestBrowser } from "../../support/browser.ts";
import { openCutProxy } from "../../support/cut_proxy.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { html, NOW, troubledApp } from "./page_kit.ts";

/** Of Brotli, for a page with all that can be on it. */
const PAGE_MAX_BYTES = 15 * 1024;
let browser: TestBrowser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

describe("the status page", () => {
  it("says everything without a script, in light and dark, from narrow to wide", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock);
    for (const colorScheme of ["light", "dark"] as const) {
      await using plain = await browser.openProfile({ javaScriptEnabled: false, colorScheme });
      const page = await plain.openPage(`${app.url}/status`);
      expect(await page.title()).toBe("Live connection is degraded · Parley status");
      expect(await page.locator(".verdict").innerText()).toBe(
        "Live connection is degraded\n\nMessages and everything else work normally. Checked 4 seconds ago.",
      );
      expect((await page.locator(".part .state").allInnerTexts()).map((text) => text.trim()))
        .toEqual(["Operational", "Degraded", "Operational", "Operational", "Operational"]);
      expect(await page.locator(".bars").first().getAttribute("aria-label")).toBe("Messages: 99.66 %");
      await using scripted = await browser.openProfile({ colorScheme });
      for (const path of ["/status", "/status/history", `/status/incidents/${app.incidentId}`]) {
        const checked = await scripted.openPage(`${app.url}${path}`);
        await expectNoAxeViolations(checked);
        for (const [width, bars] of [[320, 30], [600, 60], [1_280, 90], [3_840, 90]] as const) {
          await checked.setViewportSize({ width, height: 900 });
          const isWide = await checked.evaluate(() => document.documentElement.scrollWidth > innerWidth);
          expect([path, width, isWide]).toEqual([path, width, false]);
          const shown = checked.locator(".bars").first().locator("a:visible");
          if (path === "/status") expect(await shown.count()).toBe(bars);
        }
      }
    }
  }, 120_000);

  it("is small, set to grow old within seconds, and reveals nobody", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock);
    const response = await html(app, "/status", { "accept-encoding": "br" });
    const { headers } = response;
    const text = await response.text();
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("cache-control")).toBe("max-age=10, stale-if-error=86400");
    expect(headers.get("vary")).toBe("Accept, Accept-Language, Accept-Encoding");
    expect(headers.get("set-cookie")).toBeNull();
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(text).not.toContain("Ana");
    const own = `${app.url}/status/feed.atom`;
    expect(text.replaceAll(own, "")).not.toContain("127.0.0.1");
    expect(text).not.toContain("<b>");
    const { body } = await rawAnswer(app, "/status");
    expect(body.length).toBeLessThan(PAGE_MAX_BYTES);
    const again = await html(app, "/status", { "if-none-match": headers.get("etag") ?? "" });
    await again.body?.cancel();
    expect(again.status).toBe(304);
  });

  it("keeps a day that has trouble from being green before it is counted", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock);
    const text = await (await html(app)).text();
    const live = text.slice(text.indexOf("Live connection: "));
    expect(live.slice(0, live.indexOf("</div>")).match(/class="(\w+)" [^>]*><\/a>$/)?.[1])
      .toBe("degraded_performance");
  });

  it("links to each incident, and to the days in figures", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock);
    const item = await (await html(app, `/status/incidents/${app.incidentId}`)).text();
    expect(item).toContain("<em>look</em>");
    const history = await (await html(app, "/status/history")).text();
    expect(history).toContain("Over &lt;b>now");
    expect(history).toContain("70.00 %");
    expect(await (await html(app, "/status/history?month=2030-01")).text()).toContain("Live is slow");
    for (
      const path of ["/status/history?month=2031-01", "/status/history?month=x", "/status/incidents/none"]
    ) {
      const missing = await html(app, path);
      await missing.body?.cancel();
      expect([path, missing.status]).toEqual([path, 404]);
    }
  });

  it("knows all of the time since it was installed", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    for (let round = 0; round < 10; round++) {
      clock.now += 20_000;
      await app.server.monitor.tick();
    }
    expect(await (await html(app)).text()).toContain('aria-label="Messages: 100 %"');
  });

  it("nowhere says 100 % of a component that is in trouble now", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    for (let round = 0; round < 10; round++) {
      clock.now += 20_000;
      await app.server.monitor.tick();
    }
    const components = [{ id: "live", status: "degraded_performance" }] as const;
    await app.services.status.incidents.open({ title: "Slow", text: "Slow.", components }, app.owner.id);
    const page = await (await html(app)).text();
    const [part = ""] = /<li class="part degraded_performance".*?<\/li>/.exec(page) ?? [];
    expect(part).toContain('aria-label="Live connection: 99.99 %"');
    expect(part).toContain('aria-label="31 January 2030: 99.99 %"');
    expect(part).toContain("<span>99.99 %</span>");
    const history = await (await html(app, "/status/history")).text();
    const [row = ""] = /<th scope="row">2030-01-31.*?<\/tr>/.exec(history) ?? [];
    expect([...row.matchAll(/<td>([^<]*)/g)].map(([, figure]) => figure))
      .toEqual(["100 %", "99.99 %", "100 %", "100 %", "100 %"]);
    const text = await (await html(app, "/status", { accept: "text/plain" })).text();
    expect(text).toContain("(99.99 % in 90 days)");
  });

  it("greys today's bar while the present state is unknown", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    for (let round = 0; round < 10; round++) {
      clock.now += 20_000;
      await app.server.monitor.tick();
    }
    clock.now += PROBE_VALID_MS + 20_000;
    const page = await (await html(app)).text();
    const [part = ""] = /<li class="part unknown" data-item="live".*?<\/li>/.exec(page) ?? [];
    expect(part.match(/class="(\w+)" [^>]*aria-label="([^"]*)"><\/a><\/div>/)?.slice(1))
      .toEqual(["unknown", "31 January 2030: 99.99 %"]);
    expect(part).not.toContain("100 %");
  });

  it("leads from each bar to what happened on that day, without a script", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock);
    await using plain = await browser.openProfile({ javaScriptEnabled: false });
    const page = await plain.openPage(`${app.url}/status`);
    const bars = page.locator(".bars").first().locator("a");
    expect(await bars.last().getAttribute("aria-label")).toBe("31 January 2030: 100 %");
    expect(await bars.nth(20).getAttribute("aria-label")).toBe("23 November 2029: 70.00 %");
    expect(await bars.nth(0).getAttribute("tabindex")).toBe("-1");
    await bars.last().click();
    await page.waitForURL(/month=2030-01#2030-01-31$/);
    expect(await page.locator(":target").innerText()).toContain("Live is slow");
    await page.goBack();
    await bars.nth(20).click();
    await page.waitForURL(/month=2029-11#2029-11-23$/);
    expect(await page.locator(":target").innerText()).toContain("70.00 %");
    expect(await page.locator(".months a").allInnerTexts())
      .toEqual(["February 2030", "January 2030", "December 2029", "November 2029"]);
  }, 30_000);

  it("renews itself each minute, and takes back what it says when the server is gone", async () => {
    const clock = { now: Date.now() };
    const app = await testApp({ now: () => clock.now });
    for (let round = 0; round < 2; round++) {
      clock.now += 20_000;
      await app.server.monitor.tick();
    }
    await using profile = await browser.openProfile();
    // What a browser says about a server that is gone.
    profile.allowProblems(/ERR_CONNECTION_REFUSED|Failed to load resource/);
    const page = await profile.openPage();
    await page.clock.install({ time: clock.now });
    await page.goto(`${app.url}/status`);
    const verdict = page.locator(".verdict h2");
    await expect.poll(() => verdict.innerText()).toBe("All systems operational");
    const components = [{ id: "live", status: "major_outage" }] as const;
    await app.services.status.incidents.open({ title: "Down", text: "Down.", components }, app.owner.id);
    await page.clock.runFor(61_000);
    await expect.poll(() => verdict.innerText()).toBe("Live connection is down");
    await app[Symbol.asyncDispose]();
    await page.clock.runFor(3 * 61_000);
    expect(await verdict.innerText()).toBe("Live connection is down");
    await page.clock.runFor(4 * 61_000);
    await expect.poll(() => verdict.innerText()).toBe("The current state is unknown");
    expect(await page.title()).toBe("State unknown · Parley status");
    expect(await page.locator(".verdict use").getAttribute("href")).toBe("#icon-unknown");
    expect(await page.locator(".verdict p").innerText()).toContain("Last known at");
    expect(await page.locator(".part .state").first().innerText()).toBe("Last known: Operational");
    expect(await page.locator("link[rel=icon]").getAttribute("href")).toContain("8a857b");
    await expectNoAxeViolations(page);
  }, 60_000);

  it("leaves the public events to any EventSource, which goes on where it was", async () => {
    await using app = await testApp();
    const proxy = await openCutProxy(app.port);
    await using profile = await browser.openProfile();
    // What a browser says about a line that breaks.
    profile.allowProblems(/ERR_|Failed to load resource/);
    const page = await profile.openPage(`http://127.0.0.1:${proxy.port}/status`);
    await page.evaluate(() => {
      const heard: string[] = [];
      Reflect.set(globalThis, "heard", heard);
      const source = new EventSource("/status/events");
      source.addEventListener("snapshot", () => heard.push("snapshot"));
      source.addEventListener("announcement", ({ data }) => heard.push(JSON.parse(data).text));
    });
    const heard = () => page.evaluate(() => Reflect.get(globalThis, "heard") as string[]);
    const say = (text: string) =>
      app.services.status.announcements.announce({ text, level: "info" }, app.owner.id);
    await expect.poll(heard).toEqual(["snapshot"]);
    await say("before");
    await expect.poll(heard).toEqual(["snapshot", "before"]);
    proxy.cut();
    await say("between");
    await expect.poll(heard, { timeout: 20_000 }).toEqual(["snapshot", "before", "between"]);
    await say("after");
    await expect.poll(heard).toEqual(["snapshot", "before", "between", "after"]);
    await page.close();
    await proxy.close();
  }, 40_000);

  it("trusts the server's clock more than its own", async () => {
    await using app = await testApp();
    await using profile = await browser.openProfile();
    const page = await profile.openPage();
    await page.clock.install({ time: Date.now() + DAY_MS });
    const asked = page.waitForResponse((answer) => answer.request().method() === "HEAD");
    await page.goto(`${app.url}/status`);
    await asked;
    // Comes after that answer was looked at.
    await page.evaluate(async () => void await fetch("/healthz", { method: "HEAD" }));
    expect(await page.locator("html.old").count()).toBe(0);
  });

  it("T16 runs nothing of what people wrote, wherever it stands", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const { incidents, components } = app.services.status;
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`${app.url}/status`);
    for (let start = 0; start < NASTY_TEXTS.length; start += 10) {
      const texts = NASTY_TEXTS.slice(start, start + 10).filter((text) =>
        withoutFormatCharacters(text).trim() !== ""
      );
      const ids: StatusId[] = [];
      for (const text of texts) {
        ids.push(await incidents.open({ title: text, text, components: [] }, app.owner.id));
        await components.set("live", { name: text.slice(0, 80), group: text.slice(0, 80) }, app.owner.id);
      }
      await app.services.status.refresh();
      await page.reload();
      const odd = await page.evaluate(() =>
        [...document.querySelectorAll(
          "main script, iframe, img, object, form, [onclick], [onerror], [onload]",
        )]
          .length
      );
      expect(odd).toBe(0);
      for (const id of ids) await incidents.delete(id, app.owner.id);
    }
    expect(profile.problems).toEqual([]);
  }, 60_000);
});

/** The bytes as they are sent; `fetch` decodes them. */
async function rawAnswer(app: TestApp, path: string): Promise<{ head: string; body: Uint8Array }> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port: app.port });
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: x",
    "Accept: text/html",
    "Accept-Encoding: br",
    "Connection: close",
  ];
  await socket.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  const all = new Uint8Array(await new Response(socket.readable).arrayBuffer());
  const text = new TextDecoder("latin1").decode(all);
  const end = text.indexOf("\r\n\r\n");
  return { head: text.slice(0, end), body: all.slice(end + 4) };
}
