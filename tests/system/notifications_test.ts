import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { chatApp, seat } from "./people_kit.ts";
import { eventually, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

declare global {
  var notices: {
    readonly title: string;
    readonly options: NotificationOptions;
    isClosed: boolean;
    click(): void;
  }[];
  var toneCount: number;
}

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Records what the page asks of the browser, where no test can see it. */
async function record(screen: Screen): Promise<void> {
  await screen.page.addInitScript(() => {
    globalThis.notices = [];
    globalThis.toneCount = 0;
    class Recorded extends EventTarget {
      static permission = "granted";
      isClosed = false;
      constructor(readonly title: string, readonly options: NotificationOptions) {
        super();
        globalThis.notices.push(this);
      }
      close() {
        this.isClosed = true;
      }
      click() {
        this.dispatchEvent(new Event("click"));
      }
    }
    Object.assign(globalThis, { Notification: Recorded });
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (...args) {
      globalThis.toneCount++;
      return start.apply(this, args);
    };
  });
  await screen.page.reload();
}

/** Hides the page as far as it can tell: a browser without a window cannot. */
async function hide(screen: Screen, state: DocumentVisibilityState = "hidden"): Promise<void> {
  await screen.page.evaluate((value) => {
    Object.defineProperty(document, "visibilityState", { get: () => value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

const told = ({ page }: Screen) =>
  page.evaluate(() =>
    globalThis.notices.map(({ title, options, isClosed }) => ({ title, body: options.body, isClosed }))
  );
const iconOf = ({ page }: Screen) =>
  page.evaluate(() => document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? "");

describe("notifications", () => {
  it("are shown by a hidden page, sound once, open the message, and go when it is read elsewhere", async () => {
    await using app = await chatApp();
    const ben = await app.person("Ben");
    const { id: roomId } = await app.owner.api.rooms.openDirect.mutate({ userId: ben.id });
    const send = (text: string) =>
      app.owner.api.messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text });
    await using screen = await seat(browser, { app, person: ben });
    await record(screen);
    await screen.seesRoom("General");
    await screen.box.click();
    const plainIcon = await iconOf(screen);
    // The part that tells is loaded after the first view: it is there when it counts what is unread.
    await send("first");
    await eventually(() => iconOf(screen)).toMatch(/^data:image\/png/);
    await ben.api.rooms.markRead.mutate({ roomId, offset: 99 });
    await eventually(() => iconOf(screen)).toBe(plainIcon);
    await hide(screen);
    const before = (await told(screen)).length;
    await send("the *tide* is in");
    const notice = { title: "Ana", body: "the *tide* is in", isClosed: false };
    await eventually(async () => (await told(screen)).slice(before)).toEqual([notice]);
    await eventually(() => screen.page.evaluate(() => globalThis.toneCount)).toBeGreaterThanOrEqual(2);
    await ben.api.rooms.markRead.mutate({ roomId, offset: 99 });
    await eventually(async () => (await told(screen)).at(-1)).toEqual({ ...notice, isClosed: true });
    await ben.api.settings.set.mutate({ previews: false, sound: false });
    await screen.page.reload();
    await screen.seesRoom("General");
    await send("a secret");
    await eventually(() => iconOf(screen)).toMatch(/^data:image\/png/);
    await hide(screen);
    await send("another secret");
    const hidden = { title: "Parley", body: "New message", isClosed: false };
    await eventually(async () => (await told(screen)).at(-1)).toEqual(hidden);
    expect(await screen.page.evaluate(() => globalThis.toneCount)).toBe(0);
    await hide(screen, "visible");
    await screen.page.evaluate(() => globalThis.notices.at(-1)?.click());
    await screen.seesRoom("Ana");
    await screen.sees("another secret");
  });

  it("are set for all devices, also open ones, on one page that says what will happen", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner });
    await using phone = await seat(browser, { app, person: app.owner });
    const there = await phone.openSettings("Notifications");
    await shows(there.getByRole("status").filter({ hasText: "You will be told of every message." }));
    const page = await ana.openSettings("Notifications");
    const sentence = (text: string) => page.getByRole("status").filter({ hasText: text });
    await shows(sentence("You will be told of every message."));
    await page.getByRole("radio", { name: /^Mentions/ }).check();
    await page.getByRole("switch", { name: /^Every day/ }).check();
    await page.getByLabel("From", { exact: true }).fill("00:00");
    await page.getByLabel("To", { exact: true }).fill("23:59");
    await page.getByRole("combobox", { name: "Notifications of General" }).selectOption("Nothing");
    await shows(
      sentence(
        "You will be told of mentions, replies and direct messages, except in one room; quiet until 23:59.",
      ),
    );
    await eventually(async () => (await app.owner.api.settings.get.query()).quietHours).toEqual({
      from: "00:00",
      to: "23:59",
    });
    await page.getByRole("combobox", { name: "Mute General" }).selectOption("For an hour");
    await eventually(async () => (await app.owner.api.rooms.list.query())[0]).toMatchObject({
      level: "none",
      mutedUntil: expect.any(String),
    });
    await shows(there.getByRole("radio", { name: /^Mentions/, checked: true }));
    await shows(
      there.getByRole("status").filter({
        hasText: "direct messages, except in one room; quiet until 23:59.",
      }),
    );
    await eventually(() => there.getByRole("combobox", { name: "Mute General" }).inputValue()).toBe("muted");
    await app.owner.api.presence.set.mutate({ status: "online", doNotDisturb: true });
    await shows(there.getByRole("status").filter({ hasText: "while you do not want to be disturbed" }));
  });
});
