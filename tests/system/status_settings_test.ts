import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
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

const banner = (screen: Screen) => screen.page.locator(".status-banner");
const preview = (screen: Screen) => screen.page.getByRole("region", { name: "What visitors will see" });
/** Publishes once each preview is of the words in the form. */
async function publish(screen: Screen, verb: string): Promise<void> {
  await hides(screen.page.locator(".preview[aria-busy=true]").first());
  await screen.page.getByRole("button", { name: verb, exact: true }).click();
}
/** The banner has come, and waits for news. */
const isReady = (screen: Screen) =>
  screen.page.locator(".status-slot").waitFor({ state: "attached", timeout: 20_000 });

describe("the status settings", () => {
  it("take an incident from draft to deletion, while everybody sees each public step", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using owner = await seat(browser, { app, person: app.owner });
    await using inside = await seat(browser, { app, person: bo });
    await using outside = await openScreen(browser, { url: app.url });
    for (const screen of [owner, inside, outside]) await isReady(screen);
    const page = await owner.openSettings("Status");
    const click = (name: string) => page.getByRole("button", { name, exact: true }).click();

    await page.getByRole("button", { name: "Open an incident" }).click();
    await page.getByLabel("Begin with").selectOption("People cannot connect");
    await page.getByLabel("First update").fill("We *look*, says @Ana");
    await shows(preview(owner).getByText("We look, says"));
    expect(await preview(owner).innerText()).not.toContain("@Ana");
    const title = page.getByLabel("Title");
    const written = await title.inputValue();
    await app.person("Cleo van Dam");
    await title.fill(`${written} @Cleo van Dam`);
    await shows(preview(owner).locator(".preview-title", { hasText: /^Some people cannot connect$/ }));
    await title.fill(written);
    await checkBothThemes(owner);
    await click("Keep as draft");
    await page.getByRole("button", { name: /^Some people cannot connect/ }).click();
    await shows(page.getByRole("heading", { name: "Draft: Some people cannot connect" }));
    expect(await banner(inside).count()).toBe(0);
    await publish(owner, "Publish");
    for (const screen of [inside, outside]) {
      await shows(banner(screen).getByText("Investigating: Some people cannot connect"));
    }
    await using visitor = await openScreen(browser, { url: `${app.url}/status` });
    await shows(visitor.page.getByText("We look, says"));

    await page.getByLabel("Update").fill("It was a cable");
    await page.getByLabel("Live connection").selectOption("degraded_performance");
    await publish(owner, "Publish update");
    await shows(banner(outside).getByText("Identified: Some people cannot connect"));
    await shows(banner(outside).getByText("Live connection is degraded."));

    await page.getByRole("button", { name: "Edit" }).first().click();
    await page.getByLabel("Text").fill("It was a broken cable");
    await publish(owner, "Save");
    await shows(page.getByText("It was a broken cable"));
    await shows(page.getByText(/^edited /));

    await page.getByLabel("Step").selectOption("resolved");
    await page.getByLabel("Update").fill("A new cable works");
    await publish(owner, "Resolve");
    for (const screen of [inside, outside]) await hides(banner(screen));
    await page.getByLabel("Post-mortem").fill("Cables are checked each week now");
    await publish(owner, "Publish update");
    await eventually(() => app.services.status.board.incidents()[0]?.state).toBe("postmortem");
    await checkBothThemes(owner);

    await click("Delete");
    const question = owner.dialog("Delete “Some people cannot connect”?");
    await question.getByRole("button", { name: "Delete" }).click();
    await hides(question);
    await shows(page.getByText("No incident is open."));
    expect(app.services.status.board.incidents()).toEqual([]);
  });

  it("plan, extend and finish maintenance, and announce and take back, on a phone", async () => {
    await using app = await chatApp();
    await using owner = await seat(browser, { app, person: app.owner }, {
      viewport: { width: 390, height: 844 },
    });
    await isReady(owner);
    const page = await owner.openSettings("Status");
    const click = (name: string) => page.getByRole("button", { name, exact: true }).click();
    await click("Plan maintenance");
    await click("Announce");
    await shows(page.getByText("Say in a few words what is planned"));
    await page.getByLabel("Begin with").selectOption("Update");
    await page.getByLabel("Storage").check();
    await page.getByLabel("Ends").fill("2001-01-01T10:00");
    await click("Announce");
    await shows(page.getByText("It must end after it starts"));
    expect(await page.getByLabel("Title").inputValue()).toBe("Update of the server");
    await page.getByLabel("Starts").fill("2040-01-01T10:00");
    await page.getByLabel("Ends").fill("2040-01-01T11:00");
    await page.getByLabel("Post and remind in").selectOption("General");
    await checkBothThemes(owner);
    await publish(owner, "Announce");
    await page.getByRole("button", { name: /^Update of the server/ }).click();
    await shows(page.getByText("Updates and reminders are posted in General."));
    await page.getByLabel("Step").selectOption("in_progress");
    await page.getByLabel("Planned end").fill("2040-01-01T12:00");
    await page.getByLabel("Update").fill("Earlier, and longer");
    await publish(owner, "Publish update");
    const { board } = app.services.status;
    await eventually(() => board.maintenances()).toMatchObject([
      { state: "in_progress", endsAt: new Date("2040-01-01T12:00").toISOString() },
    ]);
    // The answer comes after everybody was told, and empties the form.
    await eventually(() => page.getByLabel("Update").inputValue()).toBe("");
    await page.getByRole("button", { name: "Edit" }).first().click();
    await page.getByLabel("Text").fill("Earlier, and a bit longer");
    await publish(owner, "Save");
    await shows(page.getByText("Earlier, and a bit longer"));
    await shows(page.getByText(/^edited /));
    await checkBothThemes(owner);
    await page.getByLabel("Step").selectOption("completed");
    await page.getByLabel("Update").fill("Done");
    await publish(owner, "Publish update");
    await shows(page.getByText("Nothing is planned."));

    await page.getByRole("region", { name: "Announcements" }).getByRole("button", { name: "Announce" })
      .click();
    await page.getByLabel("Text").fill("**Back** at noon");
    await page.getByLabel("Level").selectOption("warning");
    await page.getByLabel("Also post in").selectOption("General");
    await page.getByLabel("Until").fill("2040-01-01T12:00");
    await publish(owner, "Announce");
    await eventually(() => board.announcements()).toMatchObject([
      { text: "**Back** at noon", level: "warning", expiresAt: new Date("2040-01-01T12:00").toISOString() },
    ]);
    await click("Retract");
    await shows(page.getByText("Nothing is announced."));
    const { api } = app.owner;
    const roomId = (await api.rooms.list.query()).find(({ name }) => name === "General")?.id ?? "" as never;
    const heads = async () => {
      const { messages } = await api.messages.list.query({ roomId });
      return messages.map(({ text }) => text.split("\n")[0]);
    };
    await eventually(heads).toEqual([
      "Maintenance planned: Update of the server",
      "Maintenance in progress: Update of the server",
      "Maintenance completed: Update of the server",
      expect.stringMatching(/^Announced \(warning, until 2040-01-01 /),
    ]);
  });

  it("plan maintenance ahead in a tab that has been open for days", async () => {
    await using app = await chatApp();
    await using owner = await seat(browser, { app, person: app.owner });
    const page = await owner.openSettings("Status");
    await page.getByRole("button", { name: "Plan maintenance" }).click();
    const startOf = async () => {
      const startsAt = await page.getByLabel("Starts").inputValue();
      return Date.parse(startsAt);
    };
    const first = await startOf();
    await owner.page.keyboard.press("Escape");
    await hides(page);
    await owner.page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 2 * 86_400_000;
    });
    // The form is still the part that is open.
    await owner.openSettings("Status");
    const minutesLater = Math.round((await startOf() - first) / 60_000);
    expect(minutesLater).toBeGreaterThanOrEqual(2 * 24 * 60);
  });

  it("publish nothing that was not shown", async () => {
    await using app = await chatApp();
    await using owner = await seat(browser, { app, person: app.owner });
    await isReady(owner);
    const page = await owner.openSettings("Status");
    const { board } = app.services.status;
    await page.getByRole("region", { name: "Announcements" }).getByRole("button", { name: "Announce" })
      .click();
    await page.getByLabel("Text").fill("Former words");
    await shows(preview(owner).getByText("Former words"));
    await page.getByLabel("Text").fill("New words");
    await page.getByRole("button", { name: "Announce", exact: true }).click();
    await shows(page.getByText("Look at what visitors will see first, then publish it."));
    expect(board.announcements()).toEqual([]);
    await shows(preview(owner).getByText("New words"));
    await publish(owner, "Announce");
    await eventually(() => board.announcements()).toMatchObject([{ text: "New words" }]);
  });

  it("rename, move and hide components", async () => {
    await using app = await chatApp();
    await using owner = await seat(browser, { app, person: app.owner });
    const page = await owner.openSettings("Status");
    const click = (name: string) => page.getByRole("button", { name, exact: true }).click();
    // Nothing of a form reaches below what visitors will see.
    await click("Plan maintenance");
    const ends = await page.getByLabel("Ends").boundingBox();
    const beside = await preview(owner).boundingBox();
    expect((ends?.x ?? NaN) + (ends?.width ?? NaN)).toBeLessThan(beside?.x ?? NaN);
    // On a phone it stands above the button that publishes it.
    await owner.page.setViewportSize({ width: 390, height: 844 });
    const above = await preview(owner).boundingBox();
    const verb = await page.getByRole("button", { name: "Announce", exact: true }).boundingBox();
    expect((above?.y ?? NaN) + (above?.height ?? NaN)).toBeLessThan(verb?.y ?? NaN);
    await owner.page.setViewportSize({ width: 1280, height: 800 });
    await click("Status");
    await click("Change components");
    await click("Move Storage up");
    await click("Edit Status feed");
    await page.getByLabel("Name").fill("Feed");
    await page.getByLabel("Group").fill("Machines");
    await page.getByLabel("Hide it from visitors").check();
    await click("Save");
    await eventually(() => app.services.status.components.list()).toMatchObject([
      { id: "messages" },
      { id: "live" },
      { id: "storage" },
      { id: "events", name: "Feed", group: "Machines", hidden: true },
      { id: "calls" },
    ]);
    await checkBothThemes(owner);
  });

  it("show drafts of others in the banner to admins only, and lead to them", async () => {
    await using app = await chatApp();
    const adam = await app.person("Adam", { role: "admin" });
    const bo = await app.person("Bo");
    await app.owner.api.status.openIncident.mutate({
      title: "Live connection fails",
      text: "It failed twice",
      components: [],
      draft: true,
    });
    await using admin = await seat(browser, { app, person: adam });
    await using member = await seat(browser, { app, person: bo });
    await shows(banner(admin).getByText("Draft: Live connection fails"));
    await isReady(member);
    expect(await banner(member).count()).toBe(0);
    await banner(admin).getByRole("button", { name: "Review" }).click();
    await admin.dialog("Settings").getByRole("button", { name: /^Live connection fails/ }).click();
    await app.owner.api.status.openIncident.mutate({
      title: "Storage fails",
      text: "It failed twice",
      components: [],
      draft: true,
    });
    await admin.dialog("Settings").getByRole("button", { name: "Discard draft" }).click();
    await admin.dialog("Discard this draft?").getByRole("button", { name: "Discard" }).click();
    await shows(banner(admin).getByText("Draft: Storage fails"));
    // Whoever is an admin no more sees none, even if there is one.
    await app.owner.api.users.setRole.mutate({ userId: adam.id, role: "member" });
    await hides(banner(admin));
    // A member has no such page.
    await member.openSettings("Account");
    expect(await member.dialog("Settings").getByRole("tab", { name: "Status" }).count()).toBe(0);
  });
});
