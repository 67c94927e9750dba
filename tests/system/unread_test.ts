import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { directRoom, tabOf } from "../support/call_kit.ts";
import { chatApp, seat } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("unread messages", () => {
  it("are counted next to the room, with mentions apart, until it is read", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    const { id: roomId } = await app.owner.api.rooms.create.mutate({ name: "Harbour", kind: "public" });
    await person.api.rooms.join.mutate({ roomId });
    await using ana = await seat(browser, { app, person: app.owner });
    await using bo = await seat(browser, { app, person });
    await ana.openRoom("General");
    await bo.openRoom("Harbour");

    await bo.say("The boat is in");
    await shows(ana.room("Harbour").filter({ hasText: ", 1 unread" }));
    await bo.say("It leaves at six");
    await shows(ana.room("Harbour").filter({ hasText: ", 2 unread" }));
    const unread = ana.page.getByRole("region", { name: "Unread", exact: true });
    await shows(unread.getByRole("link", { name: "Harbour" }));
    await bo.say("Are you coming, @Ana ?");
    const badge = ana.room("Harbour").filter({ hasText: ", 1 of 3 unread mention you" });
    await shows(badge.getByText("@1", { exact: true }));
    await eventually(() => ana.page.title()).toBe("(3) General · Parley");
    // Nobody is told of what they wrote themselves.
    expect(await bo.room("Harbour").innerText()).toBe("Harbour");

    await ana.openRoom("Harbour");
    await shows(ana.log.getByText("3 new", { exact: true }));
    const order = await ana.log.locator(".unread-divider, article").allInnerTexts();
    expect(order.findIndex((text) => /^3 new$/i.test(text)))
      .toBe(order.findIndex((text) => text.includes("The boat is in")) - 1);
    await hides(ana.sidebar.getByText(/\d unread/));
    await eventually(() => ana.page.title()).toBe("Harbour · Parley");
    await eventually(() => ana.message("Are you coming").getAttribute("class")).toContain("is-mention");
    // The line stays where it was while the room is open, for what comes now too.
    await bo.say("We wait for you");
    await ana.sees("We wait for you");
    await shows(ana.log.getByText("3 new", { exact: true }));
    await ana.openRoom("General");
    await ana.openRoom("Harbour");
    await ana.sees("We wait for you");
    await hides(ana.log.getByText("3 new", { exact: true }));
    await hides(ana.sidebar.getByText(/\d unread/));
  });

  it("count a missed call, until its line is seen", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    const roomId = await directRoom(person, app.owner);
    await app.owner.api.messages.send.mutate({ roomId, clientMessageId: "m1", text: "I am late" });
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.openRoom("General");
    const phone = await tabOf(app, person);
    for (const count of [1, 2]) {
      await phone.leave((await phone.start(roomId)).call);
      await shows(ana.room("Bo").filter({ hasText: `, ${count} unread` }));
    }
    await ana.openRoom("Bo");
    await shows(ana.log.getByText("2 new", { exact: true }));
    await shows(ana.log.getByText("Missed call from Bo").last());
    const order = await ana.log.locator(".unread-divider, article, .is-missed").allInnerTexts();
    expect(order.map((text) => /late|2 new|Missed/i.exec(text)?.[0].toLowerCase()))
      .toEqual(["late", "2 new", "missed", "missed"]);
    await hides(ana.sidebar.getByText(/\d unread/));
    const read = async () => (await app.owner.api.rooms.list.query()).find(({ id }) => id === roomId)?.unread;
    await eventually(read).toBe(0);
  });

  it("can start from a chosen message, and are cleared with Esc", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    const [general] = await bo.api.rooms.list.query();
    const roomId = general?.id ?? "";
    for (const text of ["One", "Two", "Three"]) {
      await bo.api.messages.send.mutate({ roomId, clientMessageId: text, text });
    }
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    await shows(ana.log.getByText("3 new", { exact: true }));
    await hides(ana.sidebar.getByText(/\d unread/));
    await ana.choose("Two", "Mark unread from here");
    await shows(ana.log.getByText("2 new", { exact: true }));
    await shows(ana.room("General").filter({ hasText: ", 2 unread" }));
    await ana.page.reload();
    await shows(ana.log.getByText("2 new", { exact: true }));
    await hides(ana.sidebar.getByText(/\d unread/));
    await ana.box.press("Escape");
    await hides(ana.log.getByText("2 new", { exact: true }));
  });
});
