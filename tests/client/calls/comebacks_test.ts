import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../../support/browser.ts";
import { openCallBrowser } from "../../support/call_browser.ts";
import { generalRoom } from "../../support/call_kit.ts";
import {
  callApp,
  CallDevice,
  callOfTwo,
  openDevice,
  openTab,
  ready,
} from "../../support/call_page/call_device.ts";
import type { PageCalls } from "../../support/call_page/page.ts";
import { waitFor } from "../../support/wait.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const LONG_MS = 120_000;
/** A few hundred milliseconds, on a machine that does nothing else. */
const RETURNED_MS = 5_000;
/** Requests that a test interrupts. */
const INTERRUPTED = /ERR_|WebSocket|status of 5\d\d|Failed to load/;

type Global = { readonly calls: PageCalls };

const tabIdOf = ({ page }: Pick<CallDevice, "page">) =>
  page.evaluate(() => (globalThis as unknown as Global).calls.tabId);
const isOffered = ({ page }: CallDevice) =>
  page.evaluate(() => (globalThis as unknown as Global).calls.model.returnable.peek() !== null);

describe("a call whose server is away", () => {
  it("goes on meanwhile, is told of afterwards, and ends properly", async () => {
    await using call = await callOfTwo(browser, { file: true });
    const { app, ana, bo } = call;
    for (const { profile } of [ana, bo]) profile.allowProblems(INTERRUPTED);
    await app.restart();
    expect(await Promise.all([ana.sees(bo.person), bo.hears(ana.person)])).toEqual([true, true]);
    await Promise.all([ready(ana.page), ready(bo.page)]);
    expect([(await ana.summary()).phase, (await bo.summary()).phase]).toEqual(["active", "active"]);
    expect((await ana.counts()).connections).toBe(1);
    await ana.media({ mic: false });
    await expect.poll(() => bo.toldBy(ana.person), { timeout: 30_000 }).toMatchObject({ mic: false });
    await bo.act({ type: "leave" });
    await Promise.all([ana.until("ended", "hangup"), bo.until("ended", "hangup")]);
    expect(await app.owner.api.calls.current.query({ roomId: call.roomId })).toBe(null);
  }, LONG_MS);
});

describe("a tab in a call", () => {
  it.each(["who started it", "who joined"])("that is reloaded may return: the one %s", async (who) => {
    await using call = await callOfTwo(browser);
    const [ana, bo] = who === "who joined" ? [call.bo, call.ana] : [call.ana, call.bo];
    ana.page.on("dialog", (dialog) => void dialog.accept());
    const before = await bo.summary();
    const tabId = await tabIdOf(ana);
    await ana.page.reload();
    await ready(ana.page);
    expect(await tabIdOf(ana)).toBe(tabId);
    expect(await isOffered(ana)).toBe(true);
    const startedAt = performance.now();
    await ana.page.evaluate(() => (globalThis as unknown as Global).calls.model.returnToCall());
    await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    // Without waiting for silence, or for the other side to give up the former connection.
    expect(performance.now() - startedAt).toBeLessThan(RETURNED_MS);
    const seen = [ana.sees(bo.person), bo.sees(ana.person), ana.hears(bo.person), bo.hears(ana.person)];
    expect(await Promise.all(seen)).toEqual([true, true, true, true]);
    expect((await bo.summary()).participantIds).toEqual(before.participantIds);
  }, LONG_MS);

  it("that is reloaded and does not want to return leaves", async () => {
    await using call = await callOfTwo(browser);
    const { ana, bo } = call;
    ana.page.on("dialog", (dialog) => void dialog.accept());
    await ana.page.reload();
    await ready(ana.page);
    expect((await bo.summary()).phase).not.toBe("ended");
    await ana.page.evaluate(() => (globalThis as unknown as Global).calls.model.declineReturn());
    await bo.until("ended");
    expect(await isOffered(ana)).toBe(false);
  }, LONG_MS);

  it("that is closed leaves at once", async () => {
    await using call = await callOfTwo(browser);
    const startedAt = performance.now();
    await call.ana.page.close();
    await call.bo.until("ended", "hangup");
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it("F16 that crashes is gone for the others after its lease", async () => {
    const callTimes = { ringMs: 45_000, leaseMs: 4_000, renewMs: 1_000 };
    await using call = await callOfTwo(browser, { callTimes });
    const { ana, bo } = call;
    ana.profile.allowProblems(/Crashed/);
    await ana.page.goto("chrome://crash").catch(() => {});
    await bo.until("ended");
    expect(await bo.person.api.calls.current.query({ roomId: call.roomId })).toBe(null);
  }, LONG_MS);

  it("gives the call to another tab of its browser", async () => {
    await using opened = new AsyncDisposableStack();
    const app = opened.use(await callApp());
    const person = await app.person("Bo");
    const roomId = await generalRoom(app.owner);
    const ana = opened.use(await openDevice(browser, { app, person: app.owner }));
    const bo = opened.use(await openDevice(browser, { app, person }));
    await ana.start(roomId, { isDirect: false });
    await bo.join(roomId);
    await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    const page = await openTab(bo.profile, app.url);
    const other = new CallDevice({ page, profile: bo.profile, person });
    expect(await tabIdOf(other)).not.toBe(await tabIdOf(bo));
    await other.join(roomId);
    await bo.until("ended", "moved");
    await Promise.all([ana.untilUp(1), other.untilUp(1)]);
    expect(await Promise.all([ana.sees(person), other.sees(app.owner)])).toEqual([true, true]);
    expect((await ana.summary()).participantIds.length).toBe(2);
  }, LONG_MS);

  it("ends when a moderator removes its person from the call, or from the room", async () => {
    await using opened = new AsyncDisposableStack();
    const app = opened.use(await callApp());
    const person = await app.person("Bo");
    const { id: roomId } = await app.owner.api.rooms.create.mutate({ name: "Harbour", kind: "private" });
    await app.owner.api.rooms.addMember.mutate({ roomId, userId: person.id });
    const ana = opened.use(await openDevice(browser, { app, person: app.owner }));
    const bo = opened.use(await openDevice(browser, { app, person }));
    const { api } = app.owner;
    const meet = async () => {
      await ana.start(roomId, { isDirect: false });
      await waitFor(
        () =>
          bo.page.evaluate(
            (id) => (globalThis as unknown as Global).calls.watch.calls.peek().has(id),
            roomId,
          ),
        {
          timeoutMs: 30_000,
        },
      );
      await bo.join(roomId);
      await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    };
    await meet();
    const { stage } = await ana.state();
    if (!("session" in stage)) throw new Error("Ana is not in the call");
    const { callId, call, own } = stage.session;
    const theirs = call?.participants.find((one) => one.participantId !== own?.participantId);
    if (callId === null || theirs === undefined) throw new Error("Bo is not in the call");
    await api.calls.moderate.mutate({
      callId,
      participantId: theirs.participantId,
      action: "remove",
      tabId: await tabIdOf(ana),
    });
    await bo.until("ended", "kicked");
    await ana.untilUp(0);
    await bo.join(roomId);
    await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    await api.rooms.removeMember.mutate({ roomId, userId: person.id });
    await bo.until("ended", "left_room");
    await ana.untilUp(0);
  }, LONG_MS);
});
