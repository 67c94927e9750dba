import { expect } from "vitest";
import type { Page, Profile } from "../support/browser.ts";

type Locator = ReturnType<Page["locator"]>;

/** Longer than the server and the browser need on a machine that is busy with other things. */
const TIMEOUT_MS = 20_000;

/** One person's page of the client, found and used as a person does: by roles and names. */
export class Screen implements AsyncDisposable {
  readonly page: Page;
  readonly profile: Profile;

  constructor(profile: Profile, page: Page) {
    this.profile = profile;
    this.page = page;
  }

  /** Where messages are written. */
  get box(): Locator {
    return this.page.getByRole("textbox", { name: /^Message / });
  }

  get log(): Locator {
    return this.page.getByRole("log");
  }

  get sidebar(): Locator {
    return this.page.getByRole("navigation", { name: "Rooms" });
  }

  get members(): Locator {
    return this.page.getByRole("complementary", { name: "Members" });
  }

  dialog(title: string | RegExp): Locator {
    return this.page.getByRole("dialog", { name: title, exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** The row of the message with this text. */
  message(text: string): Locator {
    return this.log.getByRole("article").filter({ hasText: text });
  }

  /** A room's or a person's line in the sidebar, with what it says of unread ones behind the name. */
  room(name: string): Locator {
    return this.sidebar.getByRole("link", { name: new RegExp(`\\b${name}\\b`) });
  }

  /** Texts of all messages, oldest first. */
  async texts(): Promise<string[]> {
    return await this.log.locator("article .body").allInnerTexts();
  }

  /** Waits until the room is open, its messages are read and its name stands over it. */
  async seesRoom(name: string): Promise<void> {
    await this.page.getByRole("heading", { level: 1, name }).waitFor({ timeout: TIMEOUT_MS });
    await this.page.getByRole("log", { name: `Messages in ${name}` }).waitFor();
    await this.log.locator("[aria-busy]").waitFor({ state: "detached", timeout: TIMEOUT_MS });
  }

  async openRoom(name: string): Promise<void> {
    await this.room(name).click();
    await this.seesRoom(name);
  }

  /** Writes and sends; the message stands in the log at once, whatever the server does. */
  async say(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press("Enter");
    await this.message(text).waitFor();
  }

  /** Sees a message exactly once. */
  async sees(text: string): Promise<void> {
    await this.message(text).waitFor({ timeout: TIMEOUT_MS });
  }

  /** Points at a message and takes one of the buttons that appear. */
  async act(text: string, action: string): Promise<void> {
    await this.message(text).hover();
    await this.message(text).getByRole("button", { name: action, exact: true }).click();
  }

  /** Chooses from the menu behind "More" of a message. */
  async choose(text: string, item: string): Promise<void> {
    await this.act(text, "More");
    await this.page.getByRole("menuitem", { name: item, exact: true }).click();
  }

  /** Waits until keys go to an element, or to something in it. */
  async hasFocus(locator: Locator): Promise<void> {
    await eventually(() => locator.evaluate((element) => element.contains(document.activeElement))).toBe(
      true,
    );
  }

  /** Opens a page of the settings. */
  async openSettings(page: string): Promise<Locator> {
    const dialog = this.dialog("Settings");
    if (!await dialog.isVisible()) await this.button("Settings").click();
    await dialog.getByRole("tab", { name: page, exact: true }).click();
    return dialog.getByRole("tabpanel", { name: page, exact: true });
  }

  /** Chooses from "New" over the rooms. */
  async startNew(item: string): Promise<void> {
    await this.button("New").click();
    await this.page.getByRole("menuitem", { name: item, exact: true }).click();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.profile[Symbol.asyncDispose]();
  }
}

/** Waits until something shows what it should. */
export function eventually<T>(read: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { timeout: TIMEOUT_MS });
}

/** Waits until it is to be seen. */
export function shows(locator: Locator): Promise<void> {
  return locator.waitFor({ timeout: TIMEOUT_MS });
}

/** Waits until it is not to be seen any more. */
export function hides(locator: Locator): Promise<void> {
  return locator.waitFor({ state: "hidden", timeout: TIMEOUT_MS });
}
