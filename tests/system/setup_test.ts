import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { startServerProcess } from "../support/server_process.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { chatApp, openScreen, seat } from "./people_kit.ts";
import { hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

async function readInvite(screen: Screen, title: string): Promise<string> {
  const dialog = screen.dialog(title);
  const picture = dialog.getByRole("img", { name: "The invite link as a QR code" });
  await shows(picture);
  // Dark squares there are, not only the frame of a picture.
  expect((await picture.locator("path").getAttribute("d"))?.length).toBeGreaterThan(500);
  const url = await dialog.getByRole("textbox", { name: "Invite link" }).inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();
  await hides(dialog);
  return url;
}

async function join(screen: Screen, name: string, password: string): Promise<void> {
  await screen.page.getByRole("textbox", { name: "Your name" }).fill(name);
  await screen.page.getByRole("textbox", { name: "Password" }).fill(password);
  await screen.button("Create account").click();
}

describe("the first day", () => {
  it("leads from the setup link and an invite to two people in the first room", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerProcess({ dataDir: folder.path });
    await using ana = await openScreen(browser, { url: `${server.url}/setup#${server.setupToken}` });
    const { page } = ana;
    await shows(page.getByRole("heading", { name: "Set up Parley" }));
    expect(page.url()).toBe(`${server.url}/setup`);
    await page.getByRole("textbox", { name: "Workspace name" }).fill("Tern Studio");
    await page.getByRole("textbox", { name: "Your name" }).fill("Ana");
    await page.getByRole("textbox", { name: "Password" }).fill("too short");
    await ana.button("Create workspace").click();
    await shows(page.getByRole("alert").filter({ hasText: "12 characters" }));
    await page.getByRole("textbox", { name: "Password" }).fill("seven green bicycles");
    await ana.button("Create workspace").click();
    const link = await readInvite(ana, "Welcome to Tern Studio");
    expect(link).toMatch(new RegExp(`^${server.url}/join#.+`));
    await ana.seesRoom("General");
    await shows(page.getByRole("heading", { name: "This is the start of General" }));

    await using bo = await openScreen(browser, { url: link });
    await shows(bo.page.getByRole("heading", { name: "Join Tern Studio" }));
    expect(bo.page.url()).toBe(`${server.url}/join`);
    // Addresses are written into the logs of proxies, so the code is in none that was asked for.
    const asked = await bo.page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => name)
    );
    expect(asked.filter((address) => address.includes("invites.preview"))).toHaveLength(1);
    expect(asked.join()).not.toContain(new URL(link).hash.slice(1));
    await join(bo, "Bo", "nine blue kettles");
    await bo.seesRoom("General");
    await shows(ana.log.getByText("Bo joined"));
    await ana.say("Welcome, Bo");
    await bo.sees("Welcome, Bo");
    await bo.say("Glad to be here");
    await ana.sees("Glad to be here");

    // The link of the setup has done its work; who still has it is sent to the sign-in.
    await using late = await openScreen(browser, { url: `${server.url}/setup#${server.setupToken}` });
    late.profile.allowProblems(/409 \(Conflict\)/);
    await late.page.getByRole("textbox", { name: "Your name" }).fill("Mallory");
    await late.page.getByRole("textbox", { name: "Password" }).fill("a long password");
    await late.button("Create workspace").click();
    await late.button("Go to sign-in").click();
    await shows(late.page.getByRole("heading", { name: "Welcome back" }));
  });

  it("adds a guest to one room with a link, without a password", async () => {
    await using app = await chatApp();
    await app.owner.api.rooms.create.mutate({ name: "Harbour", kind: "public" });
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.openRoom("Harbour");
    await ana.button("Room menu").click();
    await ana.page.getByRole("menuitem", { name: "Invite by link" }).click();
    const dialog = ana.dialog("Invite people");
    await dialog.getByRole("radio", { name: "Guests" }).check();
    expect(await dialog.getByRole("combobox", { name: "Room for guests" }).innerText())
      .toMatch(/^Harbour/);
    await dialog.getByRole("button", { name: "Create link" }).click();
    const link = await readInvite(ana, "Invite people");

    await using guest = await openScreen(browser, { url: link });
    await shows(guest.page.getByRole("heading", { name: "Join Harbour" }));
    await guest.page.getByRole("textbox", { name: "Your name" }).fill("Gil");
    await guest.button("Join").click();
    await guest.seesRoom("Harbour");
    expect(await guest.sidebar.getByRole("link").allInnerTexts()).toEqual(["Harbour"]);
    await guest.say("Ahoy");
    await ana.sees("Ahoy");
    await shows(ana.message("Ahoy").getByText("guest", { exact: true }));
    const account = await guest.openSettings("Account");
    await shows(account.getByText("You are Gil. Guests cannot change their name."));
    await hides(account.getByRole("textbox", { name: "Your name" }));
    await ana.dialog("Invite people").waitFor({ state: "detached" });
  });

  it("says what is wrong with a link that does not work", async () => {
    await using app = await chatApp();
    await using screen = await openScreen(browser, { url: `${app.url}/join#nothing-like-it` });
    screen.profile.allowProblems(/404 \(Not Found\)/);
    await shows(screen.page.getByRole("heading", { name: "This invite link does not work" }));
    await screen.button("Sign in instead").click();
    await shows(screen.page.getByRole("heading", { name: "Welcome back" }));
    await screen.page.goto(`${app.url}/join`);
    await shows(screen.page.getByRole("heading", { name: "This link is incomplete" }));
    // Used up or made up: at once, before anybody thinks of a password.
    await screen.page.goto(`${app.url}/reset#nothing-like-it`);
    await shows(screen.page.getByRole("heading", { name: "This reset link does not work" }));
    await hides(screen.page.getByLabel("New password"));
    await screen.button("Sign in instead").click();
    await shows(screen.page.getByRole("heading", { name: "Welcome back" }));
  });
});
