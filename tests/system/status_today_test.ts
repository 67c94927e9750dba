import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { Page, TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { testApp } from "../support/test_app.ts";
import type { TestApp } from "../support/test_app.ts";

/** Far from the end of a day. */
const NOON = Date.parse("2030-01-31T12:00:00.000Z");

let browser: TestBrowser;
beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Renewing takes some seconds, and tests share a machine. */
const soon = <T>(ask: () => T) => expect.poll(ask, { timeout: 30_000 });

/** A server that has found for some minutes that all is well. */
async function wellApp(clock: { now: number }): Promise<TestApp> {
  const app = await testApp({ now: () => clock.now, files: await builtClient() });
  await measure(app, clock, 8);
  return app;
}

/** Some rounds of probes. */
async function measure(app: TestApp, clock: { now: number }, roundCount: number): Promise<void> {
  for (let round = 0; round < roundCount; round++) {
    clock.now += 20_000;
    await app.server.monitor.tick();
  }
}

/** Holds back the pages that an open page asks for, until the returned function is called. */
async function holdRenewals(page: Page): Promise<() => void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => release = resolve);
  await page.route(/\/status$/, async (route) => {
    if (!route.request().isNavigationRequest()) await held;
    await route.continue();
  });
  return release;
}

/** What stands for one component: the colour of today's bar and of its state, and the figures that one can read. */
const shown = (page: Page) =>
  page.locator(".part[data-item=messages]").evaluate((part) => {
    const today = part.querySelector(".bars a:last-child");
    const visible = (one: Element) => getComputedStyle(one).visibility === "visible";
    const [figure] = [...part.querySelectorAll(".scale span")].filter(visible).map((one) => one.textContent)
      .filter((text) => text.includes("%"));
    return {
      state: part.className.replace("part ", ""),
      bar: today === null ? "" : getComputedStyle(today).backgroundColor,
      figure: figure ?? null,
      names: [...part.querySelectorAll("[aria-label]")].map((one) => one.getAttribute("aria-label"))
        .filter((name) => name?.includes("%"))
        .map((name) => name?.replace(/^.*: /, "")),
    };
  });

/** The colour of a bar in some state. */
const barColour = (page: Page, state: string) =>
  page.evaluate((name) => {
    const bar = document.createElement("a");
    bar.className = name;
    document.querySelector(".bars")?.prepend(bar);
    const colour = getComputedStyle(bar).backgroundColor;
    bar.remove();
    return colour;
  }, state);

describe("today on the open status page", () => {
  for (
    const [state, worsen] of [
      ["major_outage", async (app: TestApp) => {
        const components = [{ id: "messages", status: "major_outage" }] as const;
        await app.services.status.incidents.open({ title: "Down", text: "Down.", components }, app.owner.id);
      }],
      ["unknown", async (app: TestApp, clock: { now: number }) => {
        clock.now += 60_000;
        await app.server.monitor.beat();
      }],
    ] as const
  ) {
    it(`is not green from the moment on at which a component is ${state}`, async () => {
      const clock = { now: NOON };
      await using app = await wellApp(clock);
      await using profile = await browser.openProfile();
      const page = await profile.openPage();
      const release = await holdRenewals(page);
      await page.goto(`${app.url}/status`);
      await soon(() => app.server.sse.visitorCount).toBe(1);
      const green = await barColour(page, "operational");
      expect(await shown(page)).toMatchObject({ state: "operational", bar: green, figure: "100 %" });
      await worsen(app, clock);
      await soon(async () => (await shown(page)).state).toBe(state);
      expect(await shown(page)).toMatchObject({ bar: await barColour(page, state), figure: null });
      release();
      await soon(() => shown(page)).toMatchObject({ figure: "99.99 %", names: ["99.99 %", "99.99 %"] });
      expect((await shown(page)).bar).toBe(await barColour(page, state));
    }, 60_000);
  }

  it("is green again once everything is measured anew", async () => {
    const clock = { now: NOON };
    await using app = await wellApp(clock);
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`${app.url}/status`);
    await soon(() => app.server.sse.visitorCount).toBe(1);
    clock.now += 60_000;
    await app.server.monitor.beat();
    await soon(() => shown(page)).toMatchObject({ state: "unknown", figure: "99.99 %" });
    await measure(app, clock, 3);
    const green = await barColour(page, "operational");
    await soon(() => shown(page)).toMatchObject({ state: "operational", bar: green });
    await soon(async () => (await shown(page)).figure).toMatch(/^100 %/);
  }, 60_000);

  it("goes on saying that nothing is checked yet, until something is", async () => {
    const clock = { now: NOON };
    await using app = await testApp({ now: () => clock.now, files: await builtClient() });
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`${app.url}/status`);
    await soon(() => app.server.sse.visitorCount).toBe(1);
    await app.services.status.announcements.announce({ text: "Hello", level: "info" }, app.owner.id);
    await page.locator(".open .notice").waitFor();
    const line = () => page.locator(".verdict p").innerText();
    expect(await line()).toBe("Not checked yet.");
    await measure(app, clock, 2);
    await app.server.monitor.beat();
    await soon(line).toMatch(/^Checked \d+ seconds? ago\.$/);
  }, 60_000);

  it(
    "tells screen readers once that the page turns grey, and how things stand when it comes back",
    async () => {
      const clock = { now: NOON };
      await using app = await wellApp(clock);
      await using profile = await browser.openProfile();
      profile.allowProblems(/ERR_|Failed to load resource/);
      const page = await profile.openPage();
      await page.clock.install({ time: clock.now });
      await page.goto(`${app.url}/status`);
      await soon(() => app.server.sse.visitorCount).toBe(1);
      await page.evaluate(() => {
        const told: string[] = [];
        Reflect.set(globalThis, "told", told);
        for (const region of document.querySelectorAll("[role=status],[role=alert]")) {
          new MutationObserver(() => told.push(`${region.role}: ${region.textContent}`))
            .observe(region, { childList: true, characterData: true, subtree: true });
        }
      });
      const told = () => page.evaluate(() => Reflect.get(globalThis, "told") as string[]);
      let isCut = true;
      await page.route(/\/(status|healthz)/, (route) => isCut ? route.abort() : route.continue());
      await page.clock.runFor(50_000);
      await soon(() => page.locator("html.old").count()).toBe(1);
      await soon(told).toEqual(["status: The current state is unknown."]);
      await page.clock.runFor(20_000);
      expect(await told()).toEqual(["status: The current state is unknown."]);
      isCut = false;
      await measure(app, clock, 6);
      const { publicFeed, board } = app.services.status;
      await soon(async () => {
        await page.clock.runFor(5_000);
        publicFeed.tell({ type: "metrics", metrics: board.metrics });
        return (await told()).at(-1);
      }).toBe("status: All systems operational.");
      expect(await page.locator("html.old").count()).toBe(0);
      expect((await told()).filter((one) => one !== "status: ")).toEqual([
        "status: The current state is unknown.",
        "status: All systems operational.",
      ]);
    },
    60_000,
  );
});
