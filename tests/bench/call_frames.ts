import { parseConfig } from "../../server/config.ts";
import type { Page, TestBrowser } from "../support/browser.ts";
import { directRoom, generalRoom } from "../support/call_kit.ts";
import { callApp, callOfTwo, openDevice } from "../support/call_page/call_device.ts";
import type { CallDevice } from "../support/call_page/call_device.ts";
import type { PageCalls } from "../support/call_page/page.ts";
import { startCoturn } from "../support/coturn.ts";
import type { TestApp } from "../support/test_app.ts";

const SECRET = "the-secret-of-these-relays";
const FIRST_FRAME_ROUNDS = 20;
const RELAY_ROUNDS = 10;
const SCREEN_ROUNDS = 10;
const MESH_ROUNDS = 3;
const MESH_LINKS_COUNT = 3;

/** From accepting until the first picture of the other person is shown, in milliseconds. */
export async function firstFrames(browser: TestBrowser): Promise<number[]> {
  await using app = await callApp();
  return await ringAndAccept(browser, app, { rounds: FIRST_FRAME_ROUNDS, isRelayOnly: false });
}

/** The same where both use a real relay alone. */
export async function relayedFirstFrames(browser: TestBrowser): Promise<number[]> {
  await using relay = await startCoturn({ secret: SECRET });
  await using app = await callApp({ config: relayConfig([relay.port]) });
  return await ringAndAccept(browser, app, { rounds: RELAY_ROUNDS, isRelayOnly: true });
}

/** The settings of a server whose calls use relays at these ports of loopback. */
export function relayConfig(ports: readonly number[]) {
  const { turn } = parseConfig({
    TURN_URLS: ports.map((port) => `turn:127.0.0.1:${port}?transport=udp`).join(","),
    TURN_SECRET: SECRET,
  });
  return { turn };
}

/** The secret that the relays of `relayConfig` share. */
export const RELAY_SECRET = SECRET;

async function ringAndAccept(
  browser: TestBrowser,
  app: TestApp,
  { rounds, isRelayOnly }: { readonly rounds: number; readonly isRelayOnly: boolean },
): Promise<number[]> {
  const person = await app.person("Bo");
  const roomId = await directRoom(app.owner, person);
  await using ana = await openDevice(browser, { app, person: app.owner, isRelayOnly });
  await using bo = await openDevice(browser, { app, person, isRelayOnly });
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // In turn: an account may not start all of them so soon.
    const [caller, callee] = round % 2 === 0 ? [ana, bo] : [bo, ana];
    await caller.start(roomId, { ring: [callee.person.id] });
    await callee.until("incoming");
    times.push(await acceptTimed(callee.page, callee.elementOf(caller.person.id, "cam")));
    await caller.act({ type: "leave" });
    await Promise.all([ana.until("ended"), bo.until("ended")]);
  }
  return times;
}

/** Accepts the ring of a page, and measures until an element shows its first picture. */
function acceptTimed(page: Page, selector: string): Promise<number> {
  return page.evaluate(async (selector) => {
    const { model } = (globalThis as unknown as { calls: PageCalls }).calls;
    const { stage } = model.state.peek();
    if (stage.phase !== "incoming") throw new Error(`Nothing rings: ${stage.phase}`);
    const startedAt = performance.now();
    model.act({
      type: "accept",
      callId: stage.ring.callId,
      media: { mic: true, cam: true },
      isDirect: true,
    });
    for (;;) {
      const video = document.querySelector<HTMLVideoElement>(selector);
      if (video !== null && video.srcObject !== null) {
        await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        return performance.now() - startedAt;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }, selector);
}

/** What it costs to share a screen. */
export interface ScreenCost {
  /** From the click until the other person sees it, in milliseconds. */
  readonly times: readonly number[];
  readonly offerCount: number;
}

/** Shares a screen several times in one call. */
export async function screenShares(browser: TestBrowser): Promise<ScreenCost> {
  await using call = await callOfTwo(browser);
  const { ana, bo } = call;
  const before = await offersOf(call);
  const times: number[] = [];
  for (let round = 0; round < SCREEN_ROUNDS; round++) {
    const shown = firstPictureAt(bo.page, bo.elementOf(ana.person.id, "screen"));
    const startedAt = await ana.page.evaluate(() => {
      const startedAt = performance.timeOrigin + performance.now();
      const { model } = (globalThis as unknown as { calls: PageCalls }).calls;
      model.act({ type: "media", media: { screen: true } });
      return startedAt;
    });
    times.push(await shown - startedAt);
    await ana.media({ screen: false });
    await bo.page.waitForFunction((userId) => {
      const { stage } = (globalThis as unknown as { calls: PageCalls }).calls.model.state.peek();
      const call = "session" in stage ? stage.session.call : null;
      return call?.participants.find((one) => one.userId === userId)?.media.screen === false;
    }, ana.person.id);
  }
  return { times, offerCount: await offersOf(call) - before };
}

/** How many offers were made in a call of two. */
export async function offersOf(
  { ana, bo }: { readonly ana: CallDevice; readonly bo: CallDevice },
): Promise<number> {
  return (await ana.counts()).offers + (await bo.counts()).offers;
}

/** The time, as milliseconds since the epoch, at which an element shows the next picture. */
function firstPictureAt(page: Page, selector: string): Promise<number> {
  return page.evaluate(async (selector) => {
    for (;;) {
      const video = document.querySelector<HTMLVideoElement>(selector);
      if (video !== null && video.srcObject !== null) {
        const now = await new Promise<number>((resolve) => video.requestVideoFrameCallback(resolve));
        return performance.timeOrigin + now;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }, selector);
}

/** From the moment that three join one who waits until all twelve ends of the links are up, in milliseconds. */
export async function meshesOfFour(browser: TestBrowser): Promise<number[]> {
  await using opened = new AsyncDisposableStack();
  const app = opened.use(await callApp());
  const people = [app.owner, await app.person("Bo"), await app.person("Cleo"), await app.person("Dan")];
  const roomId = await generalRoom(app.owner);
  const devices: CallDevice[] = [];
  for (const person of people) devices.push(opened.use(await openDevice(browser, { app, person })));
  const [first, ...others] = devices;
  const times: number[] = [];
  for (let round = 0; round < MESH_ROUNDS; round++) {
    await first?.start(roomId, { isDirect: false });
    await first?.until("active");
    const startedAt = performance.now();
    await Promise.all(others.map((device) => device.join(roomId)));
    await Promise.all(devices.map((device) => device.untilUp(MESH_LINKS_COUNT)));
    times.push(performance.now() - startedAt);
    for (const device of devices.toReversed()) await device.act({ type: "leave" });
    await Promise.all(devices.map((device) => device.until("ended")));
  }
  return times;
}
