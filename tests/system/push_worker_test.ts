import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CallId, RoomId } from "../../shared/ids.ts";
import { callTag, roomTag } from "../../shared/notify/push_payload.ts";
import type { PushPayload } from "../../shared/notify/push_payload.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openCallBrowser } from "../support/call_browser.ts";
import { directRoom, tabOf, VOICE } from "../support/call_kit.ts";
import { chatApp } from "./people_kit.ts";
import { PushedBrowser } from "./pushed_browser.ts";
import { eventually, hides, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const message = (roomId: RoomId, offset: number, close: string[] = []): PushPayload => ({
  kind: "message",
  tag: roomTag(roomId),
  title: "Ben",
  body: "the tide is in",
  url: `/r/${roomId}/${offset}`,
  sentAt: Date.now(),
  isSilent: false,
  unread: { ownCount: 3, hasMore: true },
  close,
});

const ring = (roomId: RoomId, callId: CallId): PushPayload => ({
  kind: "call",
  tag: callTag(callId),
  callId,
  roomId,
  title: "Ben",
  body: "Ben is calling",
  url: `/r/${roomId}`,
  sentAt: Date.now(),
  until: Date.now() + 45_000,
  missed: "Missed call from Ben",
  close: [],
});

const test: PushPayload = { kind: "test", tag: "test", title: "Parley", body: "Works", url: "/", close: [] };

describe("pushes", () => {
  it("are shown, open the message in the tab that is open, and go when it is read anywhere", async () => {
    await using app = await chatApp();
    const ben = await app.person("Ben");
    const roomId = await directRoom(ben, app.owner);
    const send = async (text: string) =>
      (await ben.api.messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text })).offset;
    await using ana = await PushedBrowser.open(browser, { app, person: app.owner });
    const { screen } = ana;
    await screen.seesRoom("General");
    const second = await screen.profile.openPage(app.url);
    await second.getByRole("log", { name: "Messages in General" }).waitFor();

    const offset = await send("the tide is in");
    await ana.push(test);
    await ana.push(message(roomId, offset));
    const shown = { title: "Ben", body: "the tide is in", tag: roomTag(roomId), silent: true };
    await eventually(async () => (await ana.shown()).filter(({ tag }) => tag !== "test")).toEqual([shown]);
    await ana.push(message(roomId, offset, ["test"]));
    await eventually(() => ana.shown()).toEqual([shown]);
    await ana.click(roomTag(roomId));
    const places = () => [screen.page, second].map((page) => new URL(page.url()).pathname);
    await eventually(() => Promise.resolve(places().filter((path) => path.startsWith(`/r/${roomId}`)).length))
      .toBe(1);
    expect(screen.page.context().pages()).toHaveLength(2);
    const moved = places()[1]?.includes(roomId) === true ? second : screen.page;
    await shows(moved.getByRole("article").filter({ hasText: "the tide is in" }));

    await moved.goto(`${app.url}/doctor`);
    const next = await send("the tide is out");
    await ana.push(message(roomId, next));
    await eventually(() => ana.shown()).toHaveLength(1);
    await app.owner.api.rooms.markRead.mutate({ roomId, offset: next });
    await eventually(async () => (await ana.shown()).map(({ tag }) => tag)).not.toContain(roomTag(roomId));
    // What was read before its push arrived.
    await ana.push(message(roomId, next));
    await eventually(async () => (await ana.shown()).map(({ tag }) => tag)).not.toContain(roomTag(roomId));
  }, 60_000);

  it("ring: one is declined without a page, and another is answered in the lobby", async () => {
    await using app = await chatApp();
    const ben = await app.person("Ben");
    const roomId = await directRoom(ben, app.owner);
    const tab = await tabOf(app, ben);
    await using ana = await PushedBrowser.open(browser, { app, person: app.owner });
    await ana.screen.seesRoom("General");
    // Whoever looks at the page sees the ring there.
    await ana.hide();
    const calls = async () => {
      const { call } = await tab.api.calls.start.mutate({
        roomId,
        tabId: tab.tabId,
        media: VOICE,
        ring: [app.owner.id],
      });
      await shows(ana.screen.page.getByRole("region", { name: "Ben is calling" }));
      await ana.push(ring(roomId, call.callId));
      await eventually(async () => (await ana.shown()).map(({ tag }) => tag)).toContain(callTag(call.callId));
      return call;
    };
    const first = await calls();
    await ana.click(callTag(first.callId), "decline");
    expect(await tab.next("ring_ended")).toMatchObject({ callId: first.callId, reason: "declined" });
    await hides(ana.screen.page.getByRole("region", { name: "Ben is calling" }));
    await tab.leave(first);

    const second = await calls();
    await ana.click(callTag(second.callId), "accept");
    await shows(ana.screen.page.locator(".lobby-buttons").getByRole("button", { name: "Join", exact: true }));
    tab.stop();
  }, 60_000);
});
