import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../../support/browser.ts";
import { openCallBrowser } from "../../support/call_browser.ts";
import { directRoom } from "../../support/call_kit.ts";
import { callApp, CallDevice, openDevice, openTab, ready } from "../../support/call_page/call_device.ts";
import type { PageCalls } from "../../support/call_page/page.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const LONG_MS = 120_000;
/** What the browser says about the sockets that the network refuses, and about goodbyes to a call that is over. */
const REFUSED = /WebSocket|ERR_|404.*calls\.(?:signal|leave)/;

type Global = { readonly calls: PageCalls };

const transportOf = ({ page }: CallDevice) =>
  page.evaluate(() => (globalThis as unknown as Global).calls.chat.connection.transport.peek());

describe.each(["sse", "polling"] as const)("a call over %s", (transport) => {
  it("rings, is accepted, goes on in a hidden tab and ends", async () => {
    await using opened = new AsyncDisposableStack();
    const app = opened.use(await callApp());
    const bo = await app.person("Bo");
    const roomId = await directRoom(app.owner, bo);
    const a = opened.use(await openDevice(browser, { app, person: app.owner }));
    // Two other tabs of this browser have all the streams that there are.
    const { profile } = opened.use(await openDevice(browser, { app, person: bo, transport }));
    profile.allowProblems(REFUSED);
    await openTab(profile, app.url);
    const b = new CallDevice({ page: await openTab(profile, app.url), profile, person: bo });
    expect(await transportOf(b)).toBe(transport);
    await a.start(roomId, { ring: [bo.id] });
    await b.accept();
    await Promise.all([a.untilUp(1), b.untilUp(1)]);
    expect(await Promise.all([a.sees(bo), b.sees(app.owner)])).toEqual([true, true]);
    // For longer than other tabs keep their streams.
    await b.page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await b.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 6_000)));
    await ready(b.page);
    await a.media({ cam: false });
    await expect.poll(() => b.toldBy(app.owner), { timeout: 30_000 }).toMatchObject({ cam: false });
    await a.act({ type: "leave" });
    await b.until("ended", "hangup");
  }, LONG_MS);
});
