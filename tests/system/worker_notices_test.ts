import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roomTag } from "../../shared/notify/push_payload.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { directRoom } from "../support/call_kit.ts";
import { testApp } from "../support/test_app.ts";
import { PushedBrowser } from "./pushed_browser.ts";
import { eventually } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("a hidden page of a browser that shows notifications of workers only, as on phones", () => {
  it("tells of messages all the same, with one sound, and takes them back", async () => {
    await using app = await testApp({ files: await builtClient() });
    const ben = await app.person("Ben");
    const roomId = await directRoom(app.owner, ben);
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
  });
});
