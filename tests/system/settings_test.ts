import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { chatApp, openScreen, seat } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

async function signIn(screen: Screen, name: string, password: string | null): Promise<void> {
  await screen.page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await screen.page.getByRole("textbox", { name: "Password", exact: true }).fill(password ?? "");
  await screen.button("Sign in").click();
}

const welcome = (screen: Screen) => screen.page.getByRole("heading", { name: "Welcome back" });

describe("settings", () => {
  it("sign out, and let one sign in again", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    await ana.openSettings("Account");
    await ana.button("Sign out").click();
    await shows(welcome(ana));
    await ana.page.reload();
    await shows(welcome(ana));
    ana.profile.allowProblems(/401 \(Unauthorized\)/);
    await signIn(ana, "Ana", "not the password");
    await shows(ana.page.getByRole("alert"));
    await signIn(ana, "ana", app.owner.password);
    await ana.seesRoom("General");
    await ana.say("Here again");
  });

  it("change the name for everybody, and the password on all devices", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    await using ana = await seat(browser, { app, person: app.owner });
    await using bo = await openScreen(browser, { url: app.url });
    await using phone = await seat(browser, { app, person });
    await signIn(bo, "Bo", person.password);
    await Promise.all([ana, bo, phone].map((screen) => screen.seesRoom("General")));
    const account = await bo.openSettings("Account");
    await account.getByRole("textbox", { name: "Your name" }).fill("Boris");
    await account.getByRole("button", { name: "Save name" }).click();
    await shows(bo.page.getByRole("status").filter({ hasText: "Your name was changed." }));
    await account.getByRole("textbox", { name: "Current password" }).fill(person.password ?? "");
    await account.getByRole("textbox", { name: "New password" }).fill("ten yellow lamps");
    await account.getByRole("button", { name: "Change password" }).click();
    await shows(phone.page.getByText("Your session on this device has ended."));
    await signIn(phone, "Boris", "ten yellow lamps");
    await phone.seesRoom("General");
    await phone.say("It is me");
    await ana.sees("It is me");
    await ana.page.reload();
    await shows(ana.message("It is me").getByText("Boris"));
  });

  it("list devices and sign out unknown ones", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner });
    await using other = await openScreen(browser, { url: app.url });
    await signIn(other, "Ana", app.owner.password);
    await Promise.all([ana.seesRoom("General"), other.seesRoom("General")]);
    const devices = await ana.openSettings("Devices");
    await eventually(() => devices.getByRole("listitem").count()).toBe(2);
    await shows(devices.getByRole("listitem").filter({ hasText: "this device" }));
    await devices.getByRole("button", { name: /^Sign out/ }).click();
    await eventually(() => devices.getByRole("listitem").count()).toBe(1);
    await shows(other.page.getByText("Your session on this device has ended."));
  });

  it("keep the theme on this device, and everything else on all, also open ones", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner }, { colorScheme: "light" });
    await using phone = await seat(browser, { app, person: app.owner }, { colorScheme: "light" });
    await ana.seesRoom("General");
    await phone.seesRoom("General");
    const groundOf = ({ page }: Screen) =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const ground = () => groundOf(ana);
    const keyOf = ({ box }: Screen) => box.getAttribute("enterkeyhint");
    const light = await ground();
    const look = await ana.openSettings("Preferences");
    await shows(look.getByRole("definition").filter({ hasText: "Mark as unread from this message" }));
    await look.getByRole("radio", { name: "Dark" }).check();
    await eventually(ground).not.toBe(light);
    await look.getByRole("radio", { name: /^Inserts a line break/ }).check();
    await look.getByRole("switch", { name: /^Read receipts/ }).uncheck();
    await eventually(async () => (await app.owner.api.settings.get.query()).showReadState).toBe(false);
    await eventually(() => keyOf(ana)).toBe("enter");
    await eventually(() => keyOf(phone)).toBe("enter");
    expect(await groundOf(phone)).toBe(light);
    await ana.page.reload();
    await ana.seesRoom("General");
    expect(await ground()).not.toBe(light);
    await ana.page.keyboard.press("Escape");
    await hides(ana.dialog("Settings"));
    await ana.box.fill("one");
    await ana.box.press("Enter");
    await ana.page.keyboard.type("two");
    expect(await ana.box.inputValue()).toBe("one\ntwo");
    await ana.box.press("Shift+Enter");
    await eventually(() => ana.texts()).toEqual(["one\ntwo"]);
  });

  it("create a working token and revoke it", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    const programs = await ana.openSettings("Programs");
    await programs.getByRole("textbox", { name: "Purpose" }).fill("Weather");
    await programs.getByRole("switch", { name: "As a bot with its own name" }).check();
    await programs.getByRole("textbox", { name: "Bot name" }).fill("Cloudy");
    await programs.getByRole("button", { name: "Create token" }).click();
    const token = await programs.getByRole("textbox", { name: "New token" }).inputValue();
    const bot = app.device();
    bot.token = token;
    expect((await bot.client("http").auth.me.query())?.name).toBe("Cloudy");
    await programs.getByRole("button", { name: "Revoke Weather" }).click();
    await ana.dialog("Revoke “Weather”?").getByRole("button", { name: "Revoke token" }).click();
    await hides(programs.getByRole("button", { name: "Revoke Weather" }));
    await expect(bot.client("http").rooms.list.query()).rejects.toThrow();
  });

  it("create a bot, which can be added to a room immediately", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    const { token } = await app.owner.api.tokens.create.mutate({
      label: "Tides",
      bot: { name: "Tide bot" },
    });
    await ana.button("Add people").click();
    const picker = ana.dialog("Add people to General");
    await picker.getByRole("searchbox", { name: "Name" }).fill("tide");
    await picker.getByRole("button", { name: "Tide bot Add" }).click();
    await shows(picker.getByText("Added Tide bot."));
    expect(await picker.getByRole("searchbox", { name: "Name" }).inputValue()).toBe("");
    const bot = app.device();
    bot.token = token;
    const rooms = await bot.client("http").rooms.list.query();
    expect(rooms.map(({ name }) => name)).toEqual(["General"]);
  });
});

describe("owners and admins", () => {
  it("rename the workspace, which everybody sees on the next page", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    const place = await ana.openSettings("Workspace");
    await place.getByRole("textbox", { name: "Workspace name" }).fill("Tern Studio");
    await place.getByRole("button", { name: "Save name" }).click();
    await shows(ana.sidebar.getByText("Tern Studio"));
    await place.getByRole("switch", { name: "Members may invite members" }).check();
    await using bo = await seat(browser, { app, person });
    await shows(bo.sidebar.getByText("Tern Studio"));
    await bo.startNew("Invite people");
    await shows(bo.dialog("Invite people").getByRole("radio", { name: "Members" }));
  });

  it("change roles, create reset links, deactivate accounts and revoke invites", async () => {
    await using app = await chatApp();
    const person = await app.person("Bo");
    await using ana = await seat(browser, { app, person: app.owner });
    await using bo = await seat(browser, { app, person });
    await using cy = await seat(browser, { app, person: await app.person("Cy", { role: "admin" }) });
    await Promise.all([ana, bo, cy].map((screen) => screen.seesRoom("General")));
    const invites = await ana.openSettings("Invites");
    await shows(invites.getByText("2 of 1000 used"));
    await invites.getByRole("button", { name: "Revoke" }).click();
    await shows(invites.getByText("There are no active links."));

    const people = await ana.openSettings("People");
    ana.profile.allowProblems(/409 \(Conflict\)/);
    const ownRole = people.getByRole("combobox", { name: "Role of Ana" });
    await ownRole.selectOption("member");
    await shows(people.getByRole("alert").filter({ hasText: "A workspace needs an owner." }));
    await eventually(() => ownRole.inputValue()).toBe("owner");
    const choose = async (item: string) => {
      await people.getByRole("button", { name: "Actions for Bo" }).click();
      await ana.page.getByRole("menuitem", { name: item }).click();
    };
    await choose("Create a reset link");
    const reset = ana.dialog("New password for Bo");
    const link = await reset.getByRole("textbox", { name: "Reset link" }).inputValue();
    await reset.getByRole("button", { name: "Done" }).click();
    await using phone = await openScreen(browser, { url: link });
    phone.profile.allowProblems(/400 \(Bad Request\)/);
    await phone.page.getByRole("textbox", { name: "New password" }).fill("ten yellow lamps");
    await phone.button("Save and sign in").click();
    await phone.seesRoom("General");
    await phone.dialog("Your password was reset").getByRole("button", { name: "OK" }).click();
    await shows(bo.page.getByText("Your session on this device has ended."));

    await people.getByRole("combobox", { name: "Role of Bo" }).selectOption("admin");
    await eventually(async () => (await person.api.users.list.query().catch(() => null)) ?? "signed out")
      .toBe("signed out");
    await phone.page.reload();
    await phone.seesRoom("General");
    await phone.openSettings("People");
    await phone.page.keyboard.press("Escape");
    await choose("Deactivate");
    await ana.dialog("Deactivate Bo?").getByRole("button", { name: "Deactivate" }).click();
    await shows(people.getByText("deactivated", { exact: true }));
    // Others see it in what they have open.
    await shows(cy.members.getByText("Deactivated — 1"));
    await shows(phone.page.getByText("This account was deactivated."));
  });
});
