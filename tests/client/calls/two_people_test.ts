import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../../support/browser.ts";
import { openCallBrowser } from "../../support/call_browser.ts";
import { directRoom } from "../../support/call_kit.ts";
import { callApp, openDevice } from "../../support/call_page/call_device.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("a call of two", () => {
  it("rings, is accepted, and both see and hear each other", async () => {
    await using app = await callApp();
    const bo = await app.person("Bo");
    const roomId = await directRoom(app.owner, bo);
    await using a = await openDevice(browser, { app, person: app.owner });
    await using b = await openDevice(browser, { app, person: bo });
    await a.start(roomId, { ring: [bo.id] });
    await b.accept();
    await Promise.all([a.until("active"), b.until("active")]);
    expect(await Promise.all([a.sees(bo), b.sees(app.owner), a.hears(bo), b.hears(app.owner)])).toEqual([
      true,
      true,
      true,
      true,
    ]);
    await a.act({ type: "leave" });
    await a.until("ended", "hangup");
    await b.until("ended", "hangup");
  });
});
