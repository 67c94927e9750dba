import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../shared/ids.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import type { TestApp } from "../support/test_app.ts";
import { checkBothThemes } from "./both_themes.ts";
import { chatApp, openScreen, seat } from "./people_kit.ts";
import { shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const TIMEOUT_MS = 90_000;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

const TEXTS = [
  "# Heading\n**bold**, *italic*, ~~strike~~, `code`, https://example.org",
  "> a quote\n\n1. first\n2. second\n\n- one\n- two",
  "```ts\nconst answer: number = 42; // why\n```",
  "Hello @Ana and @Bo , see #Harbour",
  "To be edited",
  "To be deleted",
];

/** A place with what rooms can hold, and people to do something with. */
async function furnishedApp(): Promise<TestApp> {
  await using opened = new AsyncDisposableStack();
  const app = opened.use(await chatApp());
  const { owner } = app;
  const bo = await app.person("Bo");
  const roomId = (await owner.api.rooms.list.query())[0]?.id;
  if (roomId === undefined) throw new Error("There is no first room");
  const harbour = await owner.api.rooms.create.mutate({ name: "Harbour", kind: "public", topic: "Boats" });
  await owner.api.rooms.create.mutate({ name: "Secret", kind: "private" });
  const old = await owner.api.rooms.create.mutate({ name: "Old", kind: "public" });
  await owner.api.rooms.archive.mutate({ roomId: old.id, on: true });
  await bo.api.rooms.create.mutate({ name: "Bo's own", kind: "public" });
  const direct = await bo.api.rooms.openDirect.mutate({ userId: owner.id });
  await bo.api.messages.send.mutate({ roomId: direct.id, clientMessageId: "d", text: "Just for you" });
  await bo.api.rooms.join.mutate({ roomId: harbour.id });
  await bo.api.messages.send.mutate({ roomId: harbour.id, clientMessageId: "h", text: "@Ana look" });
  for (const [index, text] of TEXTS.entries()) {
    await owner.api.messages.send.mutate({ roomId, clientMessageId: `t${index}`, text });
  }
  const { messages } = await owner.api.messages.list.query({ roomId });
  const offsetOf = (text: string) => messages.find((message) => message.text === text)?.offset ?? 0;
  const react = { roomId, offset: offsetOf(TEXTS[0] ?? ""), emoji: "👍", on: true };
  await owner.api.messages.react.mutate(react);
  await bo.api.messages.react.mutate({ ...react, emoji: "🎉" });
  await owner.api.messages.edit.mutate({ roomId, offset: offsetOf("To be edited"), text: "Edited" });
  await owner.api.messages.delete.mutate({ roomId, offset: offsetOf("To be deleted") });
  await bo.api.messages.send.mutate({
    roomId,
    clientMessageId: "r",
    text: "An answer",
    replyTo: react.offset + 1,
  });
  opened.move();
  return app;
}

/** Opens a dialog, looks at it, and closes it again. */
async function checkDialog(screen: Screen, title: string, open: () => Promise<unknown>): Promise<void> {
  await open();
  await shows(screen.dialog(title));
  await checkBothThemes(screen);
  await screen.page.keyboard.press("Escape");
  await screen.dialog(title).waitFor({ state: "detached" });
}

const inMenu = (screen: Screen, menu: string, item: string) => async () => {
  await screen.button(menu).click();
  await screen.page.getByRole("menuitem", { name: item, exact: true }).click();
};

describe("axe, in both themes", () => {
  it("distinguishes the themes", async () => {
    await using app = await chatApp();
    const background = ({ page }: Screen) =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await using light = await openScreen(browser, { url: app.url, colorScheme: "light" });
    await using dark = await openScreen(browser, { url: app.url, colorScheme: "dark" });
    await Promise.all(
      [light, dark].map(({ page }) => shows(page.getByRole("heading", { name: "Welcome back" }))),
    );
    expect(await background(light)).not.toBe(await background(dark));
  });

  it("finds nothing on the signed-out pages", async () => {
    await using app = await furnishedApp();
    const { code } = await app.owner.api.invites.create.mutate({ role: "member" });
    const reset = await app.owner.api.users.makeResetLink.mutate({ userId: app.owner.id });
    await using screen = await openScreen(browser, { url: app.url });
    screen.profile.allowProblems(/404 \(Not Found\)|400 \(Bad Request\)/);
    const doors: [path: string, heading: string][] = [
      ["/", "Welcome back"],
      ["/setup", "Almost there"],
      ["/setup#token", "Set up Parley"],
      ["/join#nothing-like-it", "This invite link does not work"],
      [`/join#${code}`, "Join Parley"],
      ["/reset#nothing-like-it", "This reset link does not work"],
      [new URL(reset.url).pathname + new URL(reset.url).hash, "Choose a new password"],
    ];
    for (const [path, heading] of doors) {
      await screen.page.goto("about:blank");
      await screen.page.goto(app.url + path);
      await shows(screen.page.getByRole("heading", { name: heading }));
      await checkBothThemes(screen);
    }
    await screen.page.goto(app.url);
    await screen.button("Sign in").click();
    await shows(screen.page.getByRole("alert"));
    await checkBothThemes(screen);
  }, TIMEOUT_MS);

  it("finds nothing in the rooms and their dialogs", async () => {
    await using app = await furnishedApp();
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.openRoom("General");
    await ana.message("answer: number").locator(".hljs-keyword, [class*=token], span[class]").first()
      .waitFor();
    await ana.message("Heading").hover();
    await checkBothThemes(ana);
    await ana.act("Heading", "More");
    await checkBothThemes(ana);
    await ana.page.keyboard.press("Escape");
    await ana.act("Heading", "Add a reaction");
    await ana.page.getByRole("combobox", { name: "Search emoji" }).fill("rock");
    await shows(ana.page.getByRole("option", { name: "rocket" }));
    await checkBothThemes(ana);
    await ana.page.keyboard.press("Escape");
    await ana.box.fill("@B");
    await shows(ana.page.getByRole("listbox", { name: "People" }));
    await checkBothThemes(ana);
    await ana.box.fill("");
    await checkDialog(ana, "Delete this message?", () => ana.choose("Edited", "Delete"));
    await checkDialog(ana, "Invite people", () => ana.startNew("Invite people"));
    await checkDialog(ana, "Invite people", async () => {
      await ana.startNew("Invite people");
      await ana.button("Create link").click();
      await shows(ana.page.getByRole("img", { name: /QR/ }));
    });
    await checkDialog(ana, "New direct message", () => ana.startNew("New direct message"));
    await checkDialog(ana, "Create a room", async () => {
      await ana.startNew("Create a room");
      await ana.button("Create room").click();
    });
    await checkDialog(ana, "Browse rooms", async () => {
      await ana.startNew("Browse rooms");
      await shows(ana.page.getByText("Preview"));
    });
    await checkDialog(ana, "Add people to General", inMenu(ana, "Room menu", "Add people"));
    await checkDialog(ana, "Room settings", inMenu(ana, "Room menu", "Room settings"));
    await checkDialog(ana, "Leave General?", inMenu(ana, "Room menu", "Leave room"));
    await checkDialog(
      ana,
      "Your status",
      () => ana.page.getByRole("button", { name: /set your status/ }).click(),
    );
    for (const name of ["Harbour", "Bo", "Secret"]) {
      await ana.openRoom(name);
      await checkBothThemes(ana);
    }
    await ana.page.getByText("Archived — 1").click();
    await ana.openRoom("Old");
    await checkBothThemes(ana);
    await ana.startNew("Browse rooms");
    await ana.dialog("Browse rooms").getByRole("button", { name: "Bo's own" }).click();
    await shows(ana.button("Join room"));
    await checkBothThemes(ana);
    await ana.page.goto(`${app.url}/r/${newId()}`);
    await shows(ana.page.getByRole("heading", { level: 1, name: "Room not found" }));
    await checkBothThemes(ana);
  }, TIMEOUT_MS);

  it("finds nothing on any page of the settings", async () => {
    await using app = await furnishedApp();
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.openRoom("General");
    for (
      const [name, sign] of [
        ["Account", "Your name"],
        ["Preferences", "Theme"],
        ["Notifications", "Tell me of"],
        ["Devices", "this device"],
        ["Programs", "Purpose"],
        ["Invites", "1 of 1000 used"],
        ["People", "Role of Bo"],
        ["Workspace", "Members may invite members"],
      ] as const
    ) {
      const page = await ana.openSettings(name);
      await shows(page.getByText(sign).or(page.getByLabel(sign)).first());
      await checkBothThemes(ana);
    }
    const people = await ana.openSettings("People");
    const choose = (item: string) => async () => {
      await people.getByRole("button", { name: "Actions for Bo" }).click();
      await ana.page.getByRole("menuitem", { name: item }).click();
    };
    await checkDialog(ana, "New password for Bo", choose("Create a reset link"));
    await checkDialog(ana, "Deactivate Bo?", choose("Deactivate"));
  }, TIMEOUT_MS);

  it("finds nothing on a phone", async () => {
    await using app = await furnishedApp();
    await using ana = await seat(browser, { app, person: app.owner }, PHONE);
    await shows(ana.room("General"));
    await checkBothThemes(ana);
    await ana.openRoom("General");
    await checkBothThemes(ana);
    await checkDialog(ana, "Members", () => ana.button("Show members").click());
    await ana.button("All rooms").click();
    await ana.openSettings("Account");
    await checkBothThemes(ana);
  }, TIMEOUT_MS);
});
