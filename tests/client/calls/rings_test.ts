import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../../support/browser.ts";
import { openCallBrowser } from "../../support/call_browser.ts";
import { directRoom } from "../../support/call_kit.ts";
import { callApp, openDevice } from "../../support/call_page/call_device.ts";
import type { CallDevice } from "../../support/call_page/call_device.ts";
import type { RoomId } from "../../../shared/ids.ts";
import type { Person, TestApp, TestAppOptions } from "../../support/test_app.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Ana calls Bo. */
interface Ringing extends AsyncDisposable {
  readonly app: TestApp;
  readonly ana: CallDevice;
  readonly bo: CallDevice;
  readonly roomId: RoomId;
}

async function ringing(options: TestAppOptions = {}): Promise<Ringing> {
  await using opened = new AsyncDisposableStack();
  const app = opened.use(await callApp(options));
  const person = await app.person("Bo");
  const roomId = await directRoom(app.owner, person);
  const ana = opened.use(await openDevice(browser, { app, person: app.owner }));
  const bo = opened.use(await openDevice(browser, { app, person }));
  await ana.start(roomId, { ring: [person.id] });
  await bo.until("incoming");
  const closing = opened.move();
  return { app, ana, bo, roomId, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** The same person, signed in on one more device. */
async function deviceOf(app: TestApp, person: Person): Promise<CallDevice> {
  const device = app.device();
  await device.client("http").auth.signIn.mutate({ name: person.name, password: person.password ?? "" });
  return await openDevice(browser, { app, person: { ...person, device } });
}

async function callIdOf(device: CallDevice) {
  const { stage, waiting } = await device.state();
  const ring = stage.phase === "incoming" ? stage.ring : waiting[0];
  if (ring === undefined) throw new Error("Nothing rings");
  return ring.callId;
}

const toneOf = ({ page }: CallDevice) => page.evaluate(() => document.body.dataset.tone);

describe("a ring", () => {
  it("is heard on both sides, and ends for both when it is declined", async () => {
    await using call = await ringing();
    const { ana, bo } = call;
    await expect.poll(() => toneOf(bo), { timeout: 30_000 }).toBe("ring");
    await expect.poll(() => toneOf(ana), { timeout: 30_000 }).toBe("ringback");
    await bo.act({ type: "decline", callId: await callIdOf(bo) });
    await Promise.all([ana.until("ended", "declined"), bo.until("ended", "declined")]);
    expect([await toneOf(ana), await toneOf(bo)]).toEqual(["", ""]);
  });

  it("is taken back by whoever calls", async () => {
    await using call = await ringing();
    await call.ana.act({ type: "leave" });
    await Promise.all([call.ana.until("ended", "cancelled"), call.bo.until("ended", "cancelled")]);
  });

  it("is missed when nobody answers", async () => {
    await using call = await ringing({ callTimes: { ringMs: 3_000, leaseMs: 30_000, renewMs: 10_000 } });
    await Promise.all([call.ana.until("ended", "missed"), call.bo.until("ended", "missed")]);
  });

  it("ends on the other devices of a person when one of them answers", async () => {
    await using call = await ringing();
    const { app, ana, bo } = call;
    await using phone = await deviceOf(app, bo.person);
    await phone.accept();
    await bo.until("ended", "answered_elsewhere");
    await Promise.all([ana.untilUp(1), phone.untilUp(1)]);
    expect(await ana.sees(bo.person)).toBe(true);
  });

  it("ends on the other devices when one of them declines", async () => {
    await using call = await ringing();
    await using phone = await deviceOf(call.app, call.bo.person);
    await phone.until("incoming");
    await phone.act({ type: "decline", callId: await callIdOf(phone) });
    await call.bo.until("ended", "declined_elsewhere");
    await call.ana.until("ended", "declined");
  });

  it("waits quietly beside a call, and says that its person is busy", async () => {
    await using call = await ringing();
    const { app, ana, bo } = call;
    await bo.accept();
    await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    const person = await app.person("Cleo");
    await using cleo = await openDevice(browser, { app, person });
    await cleo.start(await directRoom(person, bo.person), { ring: [bo.person.id] });
    await expect.poll(async () => (await bo.state()).waiting.length, { timeout: 30_000 }).toBe(1);
    expect([(await bo.summary()).phase, await toneOf(bo)]).toEqual(["active", ""]);
    await bo.act({ type: "decline", callId: await callIdOf(bo) });
    await cleo.until("ended", "busy");
    expect((await bo.summary()).phase).toBe("active");
  });
});
