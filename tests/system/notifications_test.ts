import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import type { RoomId } from "../../shared/ids.ts";
import { callTag } from "../../shared/notify/push_payload.ts";
import { directRoom, tabOf, VOICE } from "../support/call_kit.ts";
import type { Person, TestApp } from "../support/test_app.ts";
import { chatApp, seat } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

/** A notification goes this soon after its message was read elsewhere. */
const READ_ELSEWHERE_MS = 1_000;
/** What two browsers on a busy machine add. */
const NOISE_MS = 1_000;

declare global {
  /** The notifications of the page, and what became of them. */
  var notices: (Notification & { closedAt: number | null })[];
  var toneCount: number;
  var appBadge: number | null;
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
    globalThis.appBadge = null;
    navigator.setAppBadge = (count) => Promise.resolve(void (globalThis.appBadge = count ?? null));
    navigator.clearAppBadge = () => Promise.resolve(void (globalThis.appBadge = null));
    class Recorded extends Notification {
      closedAt: number | null = null;
      constructor(title: string, options?: NotificationOptions) {
        super(title, options);
        globalThis.notices.push(this);
        this.addEventListener("close", () => this.closedAt ??= Date.now());
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

const send = ({ api }: Person, roomId: RoomId, text: string) =>
  api.messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text });
const told = ({ page }: Screen) =>
  page.evaluate(() =>
    globalThis.notices.map(({ title, body, closedAt }) => ({ title, body, isClosed: closedAt !== null }))
  );
const tones = ({ page }: Screen) => page.evaluate(() => globalThis.toneCount);
const iconOf = ({ page }: Screen) =>
  page.evaluate(() => document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? "");

/** Waits for the part that tells, which is loaded after the first view: it counts what is unread. */
async function seesThatItCounts(
  screen: Screen,
  { app, person, roomId }: { app: TestApp; person: Person; roomId: RoomId },
): Promise<void> {
  const plainIcon = await iconOf(screen);
  await send(app.owner, roomId, "first");
  await eventually(() => iconOf(screen)).toMatch(/^data:image\/png/);
  await person.api.rooms.markRead.mutate({ roomId, offset: 99 });
  await eventually(() => iconOf(screen)).toBe(plainIcon);
}

describe("notifications", () => {
  it("are shown by a hidden page, sound once, open the message, and go when it is read elsewhere", async () => {
    await using app = await chatApp();
    const ben = await app.person("Ben");
    const { id: roomId } = await app.owner.api.rooms.openDirect.mutate({ userId: ben.id });
    const say = (text: string) => send(app.owner, roomId, text);
    await using screen = await seat(browser, { app, person: ben }, { permissions: ["notifications"] });
    await record(screen);
    await screen.seesRoom("General");
    await screen.box.click();
    await seesThatItCounts(screen, { app, person: ben, roomId });
    await hide(screen);
    const before = (await told(screen)).length;
    await say("the *tide* is in");
    const notice = { title: "Ana", body: "the *tide* is in", isClosed: false };
    await eventually(async () => (await told(screen)).slice(before)).toEqual([notice]);
    await eventually(() => tones(screen)).toBeGreaterThanOrEqual(2);
    await ben.api.rooms.markRead.mutate({ roomId, offset: 99 });
    await eventually(async () => (await told(screen)).at(-1)).toEqual({ ...notice, isClosed: true });
    await ben.api.settings.set.mutate({ previews: false, sound: false });
    await screen.page.reload();
    await screen.seesRoom("General");
    await say("a secret");
    await eventually(() => iconOf(screen)).toMatch(/^data:image\/png/);
    await hide(screen);
    await say("another secret");
    const hidden = { title: "Parley", body: "New message", isClosed: false };
    await eventually(async () => (await told(screen)).at(-1)).toEqual(hidden);
    expect(await tones(screen)).toBe(0);
    await hide(screen, "visible");
    await screen.page.evaluate(() => globalThis.notices.at(-1)?.dispatchEvent(new Event("click")));
    await screen.seesRoom("Ana");
    await screen.sees("another secret");
  });

  it("are counted on the icon of the app, also above nine, where the icon of the tab has no place", async () => {
    await using app = await chatApp();
    const ben = await app.person("Ben");
    const roomId = await directRoom(app.owner, ben);
    await using screen = await seat(browser, { app, person: ben });
    await record(screen);
    await screen.seesRoom("General");
    const badge = () => screen.page.evaluate(() => globalThis.appBadge);
    for (let count = 1; count <= 10; count++) await send(app.owner, roomId, `message ${count}`);
    await eventually(badge).toBe(10);
    await eventually(() => iconOf(screen)).toMatch(/^data:/);
    const icon = await iconOf(screen);
    const { offset } = await send(app.owner, roomId, "message 11");
    await eventually(badge).toBe(11);
    expect(await iconOf(screen)).toBe(icon);
    await ben.api.rooms.markRead.mutate({ roomId, offset });
    await eventually(badge).toBe(null);
  });

  it("go within a second once the message is read on another device", async () => {
    await using app = await chatApp();
    const ben = await app.person("Ben");
    const roomId = await directRoom(app.owner, ben);
    await using laptop = await seat(browser, { app, person: ben }, { permissions: ["notifications"] });
    await using phone = await seat(browser, { app, person: ben });
    await record(laptop);
    await laptop.seesRoom("General");
    await phone.seesRoom("General");
    await seesThatItCounts(laptop, { app, person: ben, roomId });
    await hide(laptop);
    const { offset } = await send(app.owner, roomId, "the tide is in");
    await eventually(async () => (await told(laptop)).length).toBe(1);
    await phone.openRoom("Ana");
    await phone.page.getByRole("article").filter({ hasText: "the tide is in" }).last().waitFor();
    const readAt = Date.now();
    await eventually(async () => (await told(laptop)).at(-1)?.isClosed).toBe(true);
    const closedAt = await laptop.page.evaluate(() => globalThis.notices.at(-1)?.closedAt ?? Infinity);
    expect(closedAt - readAt).toBeLessThan(READ_ELSEWHERE_MS + NOISE_MS);
    expect(await ben.api.rooms.get.query({ roomId })).toMatchObject({ readOffset: offset });
  });

  it("neither show nor sound while the user does not want to be disturbed, calls included", async () => {
    await using app = await chatApp();
    const ben = await app.person("Ben");
    const roomId = await directRoom(app.owner, ben);
    const caller = await tabOf(app, app.owner);
    await using screen = await seat(browser, { app, person: ben }, { permissions: ["notifications"] });
    await record(screen);
    await screen.seesRoom("General");
    await screen.box.click();
    const plainIcon = await iconOf(screen);
    const disturb = async (isOn: boolean) => {
      await ben.api.presence.set.mutate({ status: "online", doNotDisturb: !isOn });
      await shows(screen.page.locator(isOn ? ".me .dot:not(.is-quiet)" : ".me .dot.is-quiet"));
    };
    const card = screen.page.getByRole("region", { name: "Ana is calling" });
    const ring = () =>
      caller.api.calls.start.mutate({ roomId, tabId: caller.tabId, media: VOICE, ring: [ben.id] });
    await disturb(false);
    await hide(screen);
    await send(app.owner, roomId, "the tide is in");
    await eventually(() => iconOf(screen)).not.toBe(plainIcon);
    const { call } = await ring();
    await shows(card);
    expect([await told(screen), await tones(screen)]).toEqual([[], 0]);
    await caller.leave(call);
    await hides(card);
    // The same page tells and rings again afterwards.
    await disturb(true);
    await send(app.owner, roomId, "the tide is out");
    await eventually(async () => (await told(screen)).map(({ body }) => body)).toEqual(["the tide is out"]);
    await eventually(() => tones(screen)).toBeGreaterThanOrEqual(2);
    const before = await tones(screen);
    const { call: { callId } } = await ring();
    const rings = async () =>
      (await told(screen)).filter(({ title }) => title === "Ana is calling").map(({ isClosed }) => isClosed);
    await eventually(rings).toEqual([false]);
    await eventually(() => tones(screen)).toBeGreaterThan(before);
    // The notification of a push takes its place.
    expect(await screen.page.evaluate(() => globalThis.notices.at(-1)?.tag)).toBe(callTag(callId));
    // Quiet hours and a muted room hush a ring, as they keep it from being pushed.
    const hour = (change: number) =>
      `${String((new Date().getUTCHours() + change) % 24).padStart(2, "0")}:00`;
    await ben.api.settings.set.mutate({ quietHours: { from: hour(23), to: hour(2) } });
    await eventually(rings).toEqual([true]);
    await ben.api.settings.set.mutate({ quietHours: null });
    await eventually(rings).toEqual([true, false]);
    const mutedUntil = new Date(Date.now() + 3_600_000).toISOString();
    await ben.api.rooms.setLevel.mutate({ roomId, level: null, mutedUntil });
    await eventually(rings).toEqual([true, true]);
    await shows(card);
    caller.stop();
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
