import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TYPING_PAUSE_MS } from "../../shared/limits.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import type { TestApp } from "../support/test_app.ts";
import { chatApp, seat } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Ana, who owns the place, and Bo, both in General. */
class Pair implements AsyncDisposable {
  readonly app: TestApp;
  readonly ana: Screen;
  readonly bo: Screen;

  private constructor(app: TestApp, ana: Screen, bo: Screen) {
    this.app = app;
    this.ana = ana;
    this.bo = bo;
  }

  static async open(): Promise<Pair> {
    await using opened = new AsyncDisposableStack();
    const app = opened.use(await chatApp());
    const person = await app.person("Bo");
    const ana = opened.use(await seat(browser, { app, person: app.owner }));
    const bo = opened.use(await seat(browser, { app, person }));
    await Promise.all([ana.seesRoom("General"), bo.seesRoom("General")]);
    opened.move();
    return new Pair(app, ana, bo);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using closing = new AsyncDisposableStack();
    closing.use(this.app);
    closing.use(this.ana);
    closing.use(this.bo);
  }
}

const dotOf = (screen: Screen, name: string, status: string) =>
  screen.members.getByRole("listitem").filter({ hasText: name }).getByRole("img", { name: status });

describe("two people in a room", () => {
  it("see who is online and who has left", async () => {
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    await Promise.all([shows(dotOf(ana, "Bo", "Online")), shows(dotOf(bo, "Ana", "Online"))]);
    await bo.page.close();
    await shows(dotOf(ana, "Bo", "Offline"));
    await shows(dotOf(ana, "Ana", "Online"));
  });

  it("see each other typing, until the composer is empty or the message arrives", async () => {
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    const boTypes = ana.page.getByText("Bo is typing…", { exact: true });
    const anaTypes = bo.page.getByText("Ana is typing…", { exact: true });
    await Promise.all([bo.box.fill("Wait"), ana.box.fill("One moment")]);
    await Promise.all([shows(boTypes), shows(anaTypes)]);
    await bo.box.fill("");
    await boTypes.waitFor({ state: "hidden", timeout: TYPING_PAUSE_MS });
    await ana.box.press("Enter");
    await bo.sees("One moment");
    await hides(anaTypes);
  });

  it("write to each other in one order", async () => {
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    await ana.say("Shall we begin?");
    await bo.sees("Shall we begin?");
    await bo.box.fill("Yes, with **the plan**");
    await bo.box.press("Enter");
    await ana.sees("Yes, with the plan");
    await shows(ana.message("Yes").locator("strong", { hasText: "the plan" }));
    await ana.say("Good");
    const said = ["Shall we begin?", "Yes, with the plan", "Good"];
    await eventually(() => ana.texts()).toEqual(said);
    await eventually(() => bo.texts()).toEqual(said);
  });

  it("have messages of others read out by a screen reader", async () => {
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    await bo.say("Hello");
    const region = ana.page.locator(".visually-hidden[aria-live=polite]");
    await eventually(() => region.textContent()).toBe("Bo: Hello");
  });

  it("see an edit started with Up in the empty composer, and a deletion", async () => {
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    await ana.say("Lunch at noon");
    await bo.sees("Lunch at noon");
    await ana.box.press("ArrowUp");
    await shows(ana.page.getByText("Editing a message"));
    expect(await ana.box.inputValue()).toBe("Lunch at noon");
    await ana.box.fill("Lunch at one");
    await ana.box.press("Enter");
    for (const screen of [ana, bo]) {
      await shows(screen.message("Lunch at one").getByText("(edited)"));
      await hides(screen.message("Lunch at noon"));
    }
    await ana.choose("Lunch at one", "Delete");
    await ana.dialog("Delete this message?").getByRole("button", { name: "Delete" }).click();
    for (const screen of [ana, bo]) {
      await shows(screen.message("Message deleted"));
      await hides(screen.message("Lunch at one"));
      expect(await screen.log.getByRole("article").count()).toBe(1);
    }
  });

  it("react, and both see how many", async () => {
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    const chips = (screen: Screen) => screen.message("Done!").getByRole("button", { name: /^👍 \d/ });
    await ana.say("Done!");
    await bo.sees("Done!");
    await bo.act("Done!", "React with 👍");
    await shows(ana.message("Done!").getByRole("button", { name: "👍 1, Bo. Add yours" }));
    expect(await chips(ana).innerText()).toMatch(/1$/);
    await chips(ana).click();
    for (const screen of [ana, bo]) await eventually(() => chips(screen).innerText()).toMatch(/2$/);
    expect(await chips(bo).getAttribute("aria-pressed")).toBe("true");
    await chips(bo).click();
    for (const screen of [ana, bo]) await eventually(() => chips(screen).innerText()).toMatch(/1$/);
    await ana.act("Done!", "Add a reaction");
    await ana.page.getByRole("combobox", { name: "Search emoji" }).fill("rocket");
    await ana.page.getByRole("option", { name: "rocket", exact: true }).click();
    await shows(bo.message("Done!").getByRole("button", { name: "🚀 1, Ana. Add yours" }));
    await chips(ana).click();
    for (const screen of [ana, bo]) await hides(chips(screen));
  });

  it("reply to a message with a quote that links to it", async () => {
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    await ana.say("Who brings the cake?");
    await bo.sees("Who brings the cake?");
    await bo.act("Who brings the cake?", "Reply");
    await shows(bo.page.getByText("Reply to Ana Who brings the cake?"));
    await bo.box.fill("I do");
    await bo.box.press("Enter");
    const name = "Go to the original message: ";
    const answer = (screen: Screen) => screen.log.getByRole("article", { name: /, I do$/ });
    await shows(answer(bo).getByRole("button", { name: `${name}Ana: Who brings the cake?` }));
    await answer(ana).getByRole("button", { name: `${name}You: Who brings the cake?` }).click();
    const original = ana.log.getByRole("article", { name: /^You, .*Who brings the cake\?$/ });
    await eventually(() => original.getAttribute("class")).toContain("is-highlighted");
  });

  it("copy a link to a message, and are told so", async () => {
    await using pair = await Pair.open();
    const { ana } = pair;
    await ana.profile.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await ana.say("Keep this");
    await eventually(() => ana.message("Keep this").getByText("Sending…").count()).toBe(0);
    await ana.choose("Keep this", "Copy link");
    await shows(ana.page.getByRole("status").filter({ hasText: "Link copied." }));
    const link = await ana.page.evaluate(() => navigator.clipboard.readText());
    await ana.page.goto(link);
    await eventually(() => ana.message("Keep this").getAttribute("class")).toContain("is-highlighted");
  });

  it("write directly to each other, and nobody else sees it", async () => {
    await using pair = await Pair.open();
    const { app, ana, bo } = pair;
    await using cleo = await seat(browser, { app, person: await app.person("Cleo") });
    await cleo.seesRoom("General");
    await ana.startNew("New direct message");
    await ana.dialog("New direct message").getByRole("button", { name: "Bo" }).click();
    await ana.seesRoom("Bo");
    await shows(ana.page.getByText("Only Bo and you can read this."));
    await ana.say("Just for you");
    await shows(bo.room("Ana").filter({ hasText: ", 1 unread" }));
    await bo.openRoom("Ana");
    await bo.sees("Just for you");
    await bo.say("Thanks");
    await ana.sees("Thanks");
    await ana.openRoom("General");
    await ana.say("Hello all");
    await cleo.sees("Hello all");
    expect(await cleo.sidebar.getByRole("link").allInnerTexts()).toEqual(["General"]);
  });
});
