import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StatusId } from "../../shared/ids.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openTabMeter } from "../support/tab_memory.ts";
import { checkBothThemes } from "./both_themes.ts";
import { chatApp, openScreen, seat } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const banner = (screen: Screen) => screen.page.getByRole("region", { name: "Announcements" });
/** Everything that screen readers were told since the page was opened. */
async function followTold(screen: Screen): Promise<() => Promise<string[]>> {
  await screen.page.locator(".status-slot").waitFor({ state: "attached", timeout: 20_000 });
  await screen.page.evaluate(() => {
    const told: string[] = [];
    Object.assign(globalThis, { told });
    for (const region of document.querySelectorAll(".status-slot > .visually-hidden")) {
      new MutationObserver(() => {
        if (region.textContent !== "") told.push(`${region.role}: ${region.textContent}`);
      }).observe(region, { childList: true, characterData: true, subtree: true });
    }
  });
  return () => screen.page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
}

const VIEWPORTS = [{ width: 1280, height: 800 }, { width: 390, height: 844 }];

describe("the status banner", () => {
  for (const viewport of VIEWPORTS) {
    it(`comes to everybody and goes by itself, ${viewport.width} pixels wide`, async () => {
      await using app = await chatApp();
      const bo = await app.person("Bo");
      await using inside = await seat(browser, { app, person: bo }, { viewport });
      await using outside = await openScreen(browser, { url: app.url, viewport });
      const told = [await followTold(inside), await followTold(outside)];
      const { status } = app.owner.api;
      const { id } = await status.openIncident.mutate({
        title: "Calls fail",
        text: "We are looking",
        components: [{ id: "live", status: "partial_outage" }],
      });
      const screens = [inside, outside];
      for (const screen of screens) {
        await shows(banner(screen).getByText("Investigating: Calls fail"));
        await shows(banner(screen).getByText("Live connection fails for some people."));
      }
      await status.updateIncident.mutate({ id, state: "identified", text: "Found it" });
      for (const screen of screens) await shows(banner(screen).getByText("Identified: Calls fail"));
      const { id: announcementId } = await status.announce.mutate({
        text: "**Save** your [work](https://example.org/)",
        level: "critical",
      });
      for (const screen of screens) {
        await shows(banner(screen).locator("strong", { hasText: "Save" }));
        expect(await banner(screen).getByRole("listitem").count()).toBe(1);
        await banner(screen).getByRole("button", { name: "Show 1 more" }).click();
        await eventually(() => banner(screen).getByRole("listitem").allInnerTexts()).toMatchObject([
          expect.stringContaining("Save your work"),
          expect.stringContaining("Identified: Calls fail"),
        ]);
        await checkBothThemes(screen);
      }
      // Gone for whoever closed it, in this browser only.
      await banner(inside).getByRole("button", { name: "Dismiss" }).last().click();
      await hides(banner(inside).getByText("Identified: Calls fail"));
      await inside.page.reload();
      await shows(banner(inside).getByText("Save your"));
      expect(await banner(inside).getByText("Calls fail").count()).toBe(0);
      await shows(banner(outside).getByText("Calls fail"));

      await status.retract.mutate({ id: announcementId });
      await status.updateIncident.mutate({ id, state: "resolved", text: "Over" });
      for (const screen of screens) await hides(banner(screen));
      expect(await told[1]?.()).toEqual([
        "status: Investigating: Calls fail. Live connection fails for some people.",
        "alert: Save your work.",
      ]);
    });
  }

  it("shows planned work before it starts and while it goes on", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using inside = await seat(browser, { app, person: bo });
    await using outside = await openScreen(browser, { url: app.url, viewport: { width: 390, height: 844 } });
    const told = [await followTold(inside), await followTold(outside)];
    const { status } = app.owner.api;
    const startsAt = new Date(Date.now() + 3_600_000).toISOString();
    const endsAt = new Date(Date.now() + 7_200_000).toISOString();
    const plan = { text: "New disks", components: ["storage"], startsAt, endsAt };
    const week = 7 * 86_400_000;
    const later = {
      startsAt: new Date(Date.now() + week).toISOString(),
      endsAt: new Date(Date.now() + 2 * week).toISOString(),
    };
    await status.planMaintenance.mutate({ ...plan, ...later, title: "Later" });
    const { id } = await status.planMaintenance.mutate({ ...plan, title: "More room" });
    const screens = [inside, outside];
    for (const screen of screens) {
      await shows(banner(screen).getByText(/^Maintenance from .*: More room$/));
      await checkBothThemes(screen);
    }
    await status.updateMaintenance.mutate({ id, state: "in_progress", text: "It begins" });
    for (const screen of screens) {
      const item = banner(screen).getByRole("listitem");
      await shows(item.getByText(/^Maintenance until .*: More room$/));
      await shows(item.getByText("Affects Storage."));
      expect(await item.locator(".status-note-link").getAttribute("href")).toBe(`/status/incidents/${id}`);
    }
    await banner(inside).getByRole("button", { name: "Dismiss" }).click();
    await hides(banner(inside));
    await status.updateMaintenance.mutate({ id, state: "completed", text: "Done" });
    await hides(banner(outside));
    for (const read of told) {
      expect(await read()).toEqual([
        expect.stringMatching(/^status: Maintenance from .*: More room\. Affects Storage\.$/),
      ]);
    }
  });

  it("keeps nothing of what has come and gone", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using screen = await seat(browser, { app, person: bo });
    await screen.page.locator(".status-slot").waitFor({ state: "attached", timeout: 20_000 });
    const { announcements, incidents } = app.services.status;
    const by = app.owner.id;
    const items = banner(screen).getByRole("listitem");
    const ITEM_COUNT = 20;
    let isListOpen = false;
    const comeAndGo = async (roundCount: number) => {
      for (let round = 0; round < roundCount; round++) {
        const text = `Round **${round}** of [many](https://example.org/)`;
        const announced: StatusId[] = [];
        const opened: StatusId[] = [];
        for (let count = 0; count < ITEM_COUNT / 2; count++) {
          announced.push(await announcements.announce({ text, level: "critical" }, by));
          opened.push(await incidents.open({ title: "Calls fail", text, components: [] }, by));
        }
        const more = banner(screen).getByRole("button", { name: `Show ${ITEM_COUNT - 1} more` });
        // It stays open from then on.
        if (!isListOpen) await more.click();
        isListOpen = true;
        await expect.poll(() => items.count(), { timeout: 20_000 }).toBe(ITEM_COUNT);
        for (const id of announced) await announcements.retract(id, by);
        for (const id of opened) await incidents.update({ id, state: "resolved", text }, by);
        await expect.poll(() => items.count(), { timeout: 20_000 }).toBe(0);
      }
    };
    const meter = await openTabMeter(screen.page);
    await comeAndGo(10);
    const before = await meter.memory();
    await comeAndGo(10);
    const after = await meter.memory();
    // Of 200 items nothing stays in the document, and of the heap less than their texts are long.
    expect(after.nodeCount - before.nodeCount).toBeLessThan(40);
    expect(after.listenerCount - before.listenerCount).toBeLessThan(20);
    expect((after.heapMb - before.heapMb) * 1_000).toBeLessThan(200);
  });

  it("ends its subscription with the session, and has one on the sign-in page then", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using screen = await seat(browser, { app, person: bo });
    await screen.page.locator(".status-slot").waitFor({ state: "attached", timeout: 20_000 });

    const account = await screen.openSettings("Account");
    await account.getByRole("button", { name: "Sign out" }).click();
    await shows(screen.button("Sign in"));

    await app.owner.api.status.announce.mutate({ text: "Back at noon", level: "info" });
    await shows(banner(screen).getByText("Back at noon"));
    await eventually(() => app.server.sse.visitorCount).toBe(1);
  });

  it("takes no room while there is nothing to say", async () => {
    await using app = await chatApp();
    await using screen = await seat(browser, { app, person: app.owner });
    await screen.log.waitFor();
    const heightOf = () =>
      screen.page.locator(".main").evaluate((main) => main.getBoundingClientRect().height);
    const before = await heightOf();
    await screen.page.locator(".status-slot").waitFor({ state: "attached", timeout: 20_000 });
    expect(await heightOf()).toBe(before);
  });
});
