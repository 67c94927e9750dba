import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../../support/browser.ts";
import { openCallBrowser } from "../../support/call_browser.ts";
import { directRoom, generalRoom } from "../../support/call_kit.ts";
import { callApp, openDevice } from "../../support/call_page/call_device.ts";
import type { PageCalls } from "../../support/call_page/page.ts";
import type { CallDevice } from "../../support/call_page/call_device.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** The goal is 3 s; four pages with cameras on a machine that does other things as well need more. */
const CONNECTED_MS = 15_000;

describe("a call of several", () => {
  it("connects each of four with each, at 240p", async () => {
    await using opened = new AsyncDisposableStack();
    const app = opened.use(await callApp());
    const people = [app.owner, await app.person("Bo"), await app.person("Cleo"), await app.person("Dan")];
    const roomId = await generalRoom(app.owner);
    const devices: CallDevice[] = [];
    for (const person of people) devices.push(opened.use(await openDevice(browser, { app, person })));
    const [first, ...others] = devices;
    await first?.start(roomId, { isDirect: false });
    await first?.until("active");
    const startedAt = performance.now();
    await Promise.all(others.map((device) => device.join(roomId)));
    await Promise.all(devices.map((device) => device.untilUp(3)));
    expect(performance.now() - startedAt).toBeLessThan(CONNECTED_MS);
    for (const device of devices) {
      const rest = people.filter((person) => person !== device.person);
      const shown = await Promise.all(rest.map((person) => device.sees(person)));
      expect(shown, device.person.name).toEqual([true, true, true]);
      for (const person of rest) expect(await device.hears(person), `${device.person.name}`).toBe(true);
      // What is captured, divided by what the encoder scales it down by.
      const heights = () =>
        device.page.evaluate(() => {
          const { connections } = (globalThis as unknown as { readonly calls: PageCalls }).calls;
          const open = connections.filter(({ connectionState }) => connectionState !== "closed");
          const sent = open.map((connection) => {
            const sender = connection.getSenders().find(({ track }) => track?.kind === "video");
            const [encoding] = sender?.getParameters().encodings ?? [];
            return (sender?.track?.getSettings().height ?? 0) / (encoding?.scaleResolutionDownBy ?? 1);
          });
          return [...new Set(sent)];
        });
      await expect.poll(heights, { timeout: 30_000 }).toEqual([240]);
    }
    await others[0]?.act({ type: "leave" });
    await Promise.all([first, others[1], others[2]].map((device) => device?.untilUp(2)));
  }, 120_000);

  it("becomes one call when both start at once", async () => {
    await using app = await callApp();
    const bo = await app.person("Bo");
    const roomId = await directRoom(app.owner, bo);
    await using a = await openDevice(browser, { app, person: app.owner });
    await using b = await openDevice(browser, { app, person: bo });
    for (let round = 0; round < 5; round++) {
      await Promise.all([a.start(roomId, { ring: [bo.id] }), b.start(roomId, { ring: [app.owner.id] })]);
      await Promise.all([a.untilUp(1), b.untilUp(1)]);
      expect(await Promise.all([a.sees(bo), b.sees(app.owner)])).toEqual([true, true]);
      await (round % 2 === 0 ? a : b).act({ type: "leave" });
      await Promise.all([a.until("ended", "hangup"), b.until("ended", "hangup")]);
    }
  }, 120_000);
});
