import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { chatApp, seat } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("rooms", () => {
  it("are created, found by browsing, previewed and joined", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    await using ana = await seat(browser, { app, person: app.owner });
    await using bo = await seat(browser, { app, person });
    await Promise.all([ana.seesRoom("General"), bo.seesRoom("General")]);
    await ana.startNew("Create a room");
    const create = ana.dialog("Create a room");
    await create.getByRole("textbox", { name: "Name" }).fill("general");
    await create.getByRole("button", { name: "Create room" }).click();
    await shows(create.getByRole("alert").filter({ hasText: "A room with that name exists." }));
    await create.getByRole("textbox", { name: "Name" }).fill("Harbour");
    await create.getByRole("textbox", { name: "Topic (optional)" }).fill("Boats and tides");
    await create.getByRole("button", { name: "Create room" }).click();
    await ana.seesRoom("Harbour");
    await shows(ana.page.getByText("Boats and tides"));
    await ana.say("The tide is out");

    await bo.sidebar.getByRole("button", { name: "Browse rooms" }).click();
    const browse = bo.dialog("Browse rooms");
    await eventually(() => browse.getByRole("listitem").count()).toBe(2);
    await browse.getByRole("searchbox", { name: "Search rooms" }).fill("harb");
    await eventually(() => browse.getByRole("listitem").count()).toBe(1);
    await browse.getByRole("button", { name: "Harbour" }).click();
    await bo.seesRoom("Harbour");
    await bo.sees("The tide is out");
    await hides(bo.box);
    await bo.button("Join room").click();
    await shows(bo.box);
    await shows(ana.log.getByText("Bo joined"));
    await bo.say("Then we wait");
    await ana.sees("Then we wait");
    await bo.button("Room menu").click();
    await bo.page.getByRole("menuitem", { name: "Leave room" }).click();
    await bo.dialog("Leave Harbour?").getByRole("button", { name: "Leave" }).click();
    await hides(bo.room("Harbour"));
    await shows(ana.log.getByText("Bo left"));
  });

  it("that are private appear for added people and vanish for removed ones", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    await using ana = await seat(browser, { app, person: app.owner });
    await using bo = await seat(browser, { app, person });
    await Promise.all([ana.seesRoom("General"), bo.seesRoom("General")]);
    await ana.startNew("Create a room");
    const create = ana.dialog("Create a room");
    await create.getByRole("textbox", { name: "Name" }).fill("Secret");
    await create.getByRole("radio", { name: "Only added people" }).check();
    await create.getByRole("button", { name: "Create room" }).click();
    await ana.seesRoom("Secret");
    await bo.sidebar.getByRole("button", { name: "Browse rooms" }).click();
    await shows(bo.dialog("Browse rooms").getByRole("button", { name: "General" }));
    expect(await bo.dialog("Browse rooms").getByRole("listitem").count()).toBe(1);
    await bo.page.keyboard.press("Escape");

    await ana.members.getByRole("button", { name: "Add people" }).click();
    await ana.dialog("Add people to Secret").getByRole("button", { name: "Bo" }).click();
    await shows(ana.page.getByText("Added Bo."));
    await ana.button("Done").click();
    await bo.openRoom("Secret");
    await bo.say("What is it about?");
    await ana.sees("What is it about?");
    await ana.members.getByRole("button", { name: "Actions for Bo" }).click();
    await ana.page.getByRole("menuitem", { name: "Remove from room" }).click();
    await shows(bo.page.getByRole("heading", { name: "Room not found" }));
    await hides(bo.room("Secret"));
    await bo.button("All rooms").click();
    await bo.seesRoom("General");
  });

  it("change their name and topic for people who have them open", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    await using ana = await seat(browser, { app, person: app.owner });
    await using bo = await seat(browser, { app, person });
    await Promise.all([ana.seesRoom("General"), bo.seesRoom("General")]);
    await ana.button("Room menu").click();
    await ana.page.getByRole("menuitem", { name: "Room settings" }).click();
    const settings = ana.dialog("Room settings");
    await settings.getByRole("textbox", { name: "Name" }).fill("Lobby");
    await settings.getByRole("textbox", { name: "Topic" }).fill("Come in");
    await settings.getByRole("button", { name: "Save" }).click();
    await bo.seesRoom("Lobby");
    await shows(bo.page.getByRole("main").getByText("Come in", { exact: true }));
    await shows(bo.room("Lobby"));
    await shows(bo.log.getByText("Ana updated the room"));
  });

  it("stay open for somebody who becomes a guest, without what guests may not do", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    const direct = await app.owner.api.rooms.openDirect.mutate({ userId: person.id });
    await using bo = await seat(browser, { app, person }, { path: `/r/${direct.id}` });
    await shows(bo.sidebar.getByRole("button", { name: "Browse rooms" }));
    const headings = bo.sidebar.getByRole("heading", { level: 2 });
    // The role is followed from the first snapshot of presence on.
    await shows(bo.sidebar.getByText("Online", { exact: true }));
    await app.owner.api.users.setRole.mutate({ userId: person.id, role: "guest" });
    await hides(bo.sidebar.getByRole("button", { name: "Browse rooms" }));
    await hides(bo.sidebar.getByRole("button", { name: "New" }));
    await bo.openRoom("General");
    await shows(bo.page.getByText("Say hello.", { exact: true }));
    await hides(bo.button("Invite people"));
    await shows(bo.members.getByText("guest", { exact: true }));
    await bo.openRoom("Ana");
    const { id } = (await app.owner.api.rooms.list.query()).find(({ name }) => name === "General") ?? direct;
    await app.owner.api.messages.send.mutate({ roomId: id, clientMessageId: "hi", text: "Hi" });
    await eventually(() => headings.allInnerTexts()).toEqual(["Unread", "Direct"]);
  });

  it("show who became a moderator, and give the new one their menu at once", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    await using ana = await seat(browser, { app, person: app.owner });
    await using bo = await seat(browser, { app, person });
    await Promise.all([ana.seesRoom("General"), bo.seesRoom("General")]);
    await bo.button("Room menu").click();
    await shows(bo.page.getByRole("menuitem", { name: "Leave room" }));
    expect(await bo.page.getByRole("menuitem", { name: "Room settings" }).count()).toBe(0);
    await bo.page.keyboard.press("Escape");

    await ana.members.getByRole("button", { name: "Actions for Bo" }).click();
    await ana.page.getByRole("menuitem", { name: "Make moderator" }).click();
    await shows(ana.log.getByText("You made Bo a moderator"));
    await shows(bo.log.getByText("Ana made you a moderator"));
    await shows(bo.members.getByText("Moderator"));
    await bo.button("Room menu").click();
    await shows(bo.page.getByRole("menuitem", { name: "Room settings" }));
  });

  it("keep the menu of a member open who comes online meanwhile", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    await shows(ana.members.getByText("Offline — 1"));
    await ana.members.getByRole("button", { name: "Actions for Bo" }).click();
    await using bo = await seat(browser, { app, person });
    await bo.seesRoom("General");
    const row = ana.members.getByRole("listitem").filter({ hasText: "Bo" });
    await shows(row.getByRole("img", { name: "Online" }));
    await ana.page.getByRole("menuitem", { name: "Make moderator" }).click();
    await shows(ana.log.getByText("You made Bo a moderator"));
    await shows(ana.members.getByText("Online — 2"));
  });

  it("vanish for somebody who becomes a guest, with everything guests may not do", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    await app.owner.api.rooms.create.mutate({ name: "Quay", kind: "public" });
    await using bo = await seat(browser, { app, person });
    await bo.seesRoom("General");
    await bo.sidebar.getByRole("button", { name: "Browse rooms" }).click();
    await bo.dialog("Browse rooms").getByRole("button", { name: "Quay" }).click();
    await shows(bo.button("Join room"));
    await app.owner.api.users.setRole.mutate({ userId: person.id, role: "guest" });
    await shows(bo.page.getByRole("heading", { name: "Room not found" }));
    await hides(bo.sidebar.getByRole("button", { name: "Browse rooms" }));
    await hides(bo.button("Join room"));
  });
});
