import { describe, expect, it } from "vitest";
import { openCallBrowser } from "../support/call_browser.ts";
import { directRoom } from "../support/call_kit.ts";
import { callPages, openDevice, ready } from "../support/call_page/call_device.ts";
import { hasDenokv } from "../support/denokv.ts";
import { twoInstances } from "../support/two_instances.ts";

const isPossible = await hasDenokv();
/** What a browser says while its instance is away. */
const AWAY = /ERR_|WebSocket|status of 5\d\d|Failed to load/;

describe.skipIf(!isPossible)("a call between people on two instances", () => {
  it("is seen and heard, outlives a restart of one of them, and ends for both", async () => {
    await using opened = new AsyncDisposableStack();
    const browser = opened.use(await openCallBrowser());
    const pair = opened.use(await twoInstances({ files: await callPages() }));
    const { app } = pair;
    const person = await app.person("Bo");
    const roomId = await directRoom(app.owner, person);
    const ana = opened.use(await openDevice(browser, { app, person: app.owner }));
    const bo = opened.use(
      await openDevice(browser, { app, person, url: `http://127.0.0.1:${pair.portOf("b")}` }),
    );
    bo.profile.allowProblems(AWAY);
    await ana.start(roomId, { ring: [person.id] });
    await bo.accept();
    await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    const seen = [ana.sees(person), bo.sees(app.owner), ana.hears(person), bo.hears(app.owner)];
    expect(await Promise.all(seen)).toEqual([true, true, true, true]);
    await pair.stopB();
    expect(await bo.sees(app.owner)).toBe(true);
    await pair.startB();
    await ready(bo.page);
    await ana.media({ cam: false });
    await expect.poll(() => bo.toldBy(app.owner), { timeout: 30_000 }).toMatchObject({ cam: false });
    expect((await bo.counts()).connections).toBe(1);
    await bo.act({ type: "leave" });
    await Promise.all([ana.until("ended", "hangup"), bo.until("ended", "hangup")]);
  }, 180_000);
});
