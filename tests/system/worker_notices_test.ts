import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callTag, roomTag } from "../../shared/notify/push_payload.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { directRoom, tabOf, VOICE } from "../support/call_kit.ts";
import { testApp } from "../support/test_app.ts";
import { PushedBrowser } from "./pushed_browser.ts";
import { eventually } from "./screen.ts";

const PATIENCE_MS = 90_000;

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("a hidden page of a browser that shows notifications of workers only, as on phones", () => {
  it("tells of messages and rings all the same, with one sound, and takes them back", async () => {
    await using app = await testApp({ files: await builtClient() });
    const ben = await app.person("Ben");
    const roomId = await directRoom(app.owner, ben);
    const caller = await tabOf(app, app.owner);
    await using phone = await PushedBrowser.open(browser, { app, person: ben });
    const { screen } = phone;
    await screen.page.addInitScript(() => {
      globalThis.Notification = new Proxy(Notification, {
        construct: () => {
          throw new TypeError("Illegal constructor");
        },
      });
    });
    await screen.page.reload();
    await screen.seesRoom("General");
    const plainIcon = await phone.icon();
    const send = (text: string) =>
      app.owner.api.messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text });
    // The part that tells is there once it counts.
    await send("first");
    await eventually(() => phone.icon()).not.toBe(plainIcon);
    await ben.api.rooms.markRead.mutate({ roomId, offset: 99 });
    await eventually(() => phone.icon()).toBe(plainIcon);

    await phone.hide();
    await send("the tide is in");
    const message = { title: "Ana", body: "the tide is in", tag: roomTag(roomId), silent: true };
    await eventually(() => phone.shown()).toEqual([expect.objectContaining(message)]);
    await ben.api.rooms.markRead.mutate({ roomId, offset: 99 });
    await eventually(() => phone.shown()).toEqual([]);

    const ring = async () => {
      const { call } = await caller.api.calls.start.mutate({
        roomId,
        tabId: caller.tabId,
        media: VOICE,
        ring: [ben.id],
      });
      return { call, tag: callTag(call.callId) };
    };
    const first = await ring();
    const rung = { title: "Ana is calling", tag: first.tag };
    await eventually(() => phone.shown()).toEqual([expect.objectContaining(rung)]);
    await phone.click(first.tag, "decline");
    expect((await caller.next("ring_ended")).reason).toBe("declined");
    await eventually(() => phone.shown()).toEqual([]);
    await caller.leave(first.call);
    await caller.next("call_ended");

    await ben.api.settings.set.mutate({ previews: false });
    const second = await ring();
    const secret = { title: "Parley", body: "Incoming call", tag: second.tag };
    await eventually(() => phone.shown()).toEqual([expect.objectContaining(secret)]);
    await caller.leave(second.call);
    await eventually(() => phone.shown()).toEqual([]);
    caller.stop();
  }, PATIENCE_MS);
});
