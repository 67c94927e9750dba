import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roomTag } from "../../shared/notify/push_payload.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { directRoom } from "../support/call_kit.ts";
import { freePort } from "../support/free_port.ts";
import { PushService } from "../support/push_service.ts";
import { testApp } from "../support/test_app.ts";
import { PushedBrowser, replacePushService } from "./pushed_browser.ts";
import { eventually, shows } from "./screen.ts";

declare global {
  /** Notifications of the page itself. */
  var pageNoticeCount: number;
}

const DEVICE = "laptop";
/** Devices are told this much later while another one is used. */
const ELSEWHERE_MS = 31_000;

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("push notifications of an open page", () => {
  it("are tried, told once, and end with the session", async () => {
    await using service = new PushService();
    const port = freePort();
    let laterMs = 0;
    await using app = await testApp({
      files: await builtClient(),
      config: { port, publicUrl: `http://127.0.0.1:${port}`, pushHosts: ["fcm.googleapis.com"] },
      push: { fetch: service.fetch },
      now: () => Date.now() + laterMs,
    });
    const ben = await app.person("Ben");
    const roomId = await directRoom(ben, app.owner);
    await using ana = await PushedBrowser.open(browser, { app, person: app.owner });
    const { screen } = ana;
    await screen.page.addInitScript(() => {
      globalThis.pageNoticeCount = 0;
      globalThis.Notification = class extends Notification {
        constructor(title: string, options?: NotificationOptions) {
          super(title, options);
          globalThis.pageNoticeCount++;
        }
      };
    });
    await replacePushService(screen, await service.subscribe(DEVICE));
    /** Hands the worker what the server has sent. */
    const deliver = async (count: number) => {
      await eventually(() => Promise.resolve(service.received.length)).toBe(count);
      await ana.push(service.received[count - 1]?.payload ?? "");
    };
    const messages = async () => (await ana.shown()).filter(({ tag }) => tag !== "test");

    await screen.openSettings("Notifications");
    await screen.page.getByRole("switch", { name: /^Notifications on this device/ }).click();
    await screen.button("Send a test").click();
    await deliver(1);
    await eventually(() => ana.shown()).toEqual([
      expect.objectContaining({ tag: "test", body: "Notifications work on this device" }),
    ]);
    await shows(screen.page.getByRole("status").filter({ hasText: "It has arrived." }));

    await ana.hide();
    const plainIcon = await ana.icon();
    await ben.api.messages.send.mutate({ roomId, clientMessageId: "one", text: "the tide is in" });
    await eventually(() => ana.icon()).not.toBe(plainIcon);
    // Ana was here just now: the push waits, and the page has the worker show what it will.
    const shown = [expect.objectContaining({ title: "Ben", body: "the tide is in", tag: roomTag(roomId) })];
    await eventually(messages).toEqual(shown);
    expect(service.received).toHaveLength(1);
    laterMs = ELSEWHERE_MS;
    await deliver(2);
    // The worker shows one after the other.
    await ana.push({ kind: "test", tag: "test", title: "Parley", body: "After it", url: "/", close: [] });
    await eventually(async () => (await ana.shown()).map(({ body }) => body)).toContain("After it");
    expect(await messages()).toEqual(shown);
    expect(await screen.page.evaluate(() => globalThis.pageNoticeCount)).toBe(0);

    const devices = () => app.services.push.subscriptions.devicesOf(app.owner.id);
    expect(await devices()).toHaveLength(1);
    await (await screen.openSettings("Account")).getByRole("button", { name: "Sign out" }).click();
    await shows(screen.page.getByLabel("Password").first());
    await eventually(devices).toEqual([]);
    await eventually(() => ana.shown()).toEqual([]);
    const subscription = () =>
      screen.page.evaluate(async () =>
        await (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription() ?? null
      );
    await eventually(subscription).toBe(null);
  }, 60_000);
});
