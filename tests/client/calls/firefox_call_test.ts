import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../../support/browser.ts";
import { openCallBrowser } from "../../support/call_browser.ts";
import { directRoom } from "../../support/call_kit.ts";
import { callApp, CallDevice, openDevice, ready } from "../../support/call_page/call_device.ts";
import { FaultyPath } from "../../support/faulty_path.ts";
import { hasFirefox, openFirefox, recordedLevel } from "../../support/firefox.ts";
import type { Firefox } from "../../support/firefox.ts";
import { pause, waitFor } from "../../support/wait.ts";

const canRun = await hasFirefox();
const WAIT = { timeoutMs: 30_000 };
const HEARD_MIN = 0.02;
const SILENCE_MAX = 0.005;
const START_TIMEOUT_MS = 90_000;
const TEST_TIMEOUT_MS = 240_000;

let chromium: TestBrowser;
let firefox: Firefox;
beforeAll(async () => {
  if (!canRun) return;
  chromium = await openCallBrowser();
  firefox = await openFirefox();
});
afterAll(async () => {
  if (!canRun) return;
  await firefox[Symbol.asyncDispose]();
  await chromium[Symbol.asyncDispose]();
});

/** Ana in Chromium, and Bo in Firefox. */
interface MixedCall extends AsyncDisposable {
  readonly ana: CallDevice;
  readonly bo: CallDevice;
}

async function openMixedCall(media: { mic: boolean; cam: boolean }, path?: FaultyPath): Promise<MixedCall> {
  await using opened = new AsyncDisposableStack();
  const app = opened.use(await callApp());
  const person = await app.person("Bo");
  const roomId = await directRoom(app.owner, person);
  const ana = opened.use(
    await openDevice(chromium, { app, person: app.owner, ...(path === undefined ? {} : { path }) }),
  );
  const page = await firefox.openPage({
    url: app.url,
    session: (person.device.cookie ?? "").replace(/^sid=/, ""),
    prepare: async (page) => await path?.lead(page),
  });
  opened.defer(() => page.close());
  await ready(page);
  const bo = new CallDevice({ page, profile: ana.profile, person });
  await ana.start(roomId, { ring: [person.id], media });
  await bo.accept(media);
  // Two browsers at once take their time on a busy machine.
  await Promise.all([ana.untilUp(1, START_TIMEOUT_MS), bo.untilUp(1, START_TIMEOUT_MS)]);
  const closing = opened.move();
  return { ana, bo, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Waits until Bo's Firefox plays what Ana says. */
async function boHears({ ana, bo }: MixedCall): Promise<void> {
  const selector = bo.elementOf(ana.person.id, "mic");
  await waitFor(async () => await recordedLevel(bo.page, selector) >= HEARD_MIN, WAIT);
}

async function expectBothSeeAndHear(call: MixedCall): Promise<void> {
  const { ana, bo } = call;
  expect(await Promise.all([ana.sees(bo.person), bo.sees(ana.person), ana.hears(bo.person)]))
    .toEqual([true, true, true]);
  await boHears(call);
}

describe.skipIf(!canRun)("a call between Chromium and Firefox", () => {
  it("is seen and heard on both sides, until somebody mutes, and after that again", async () => {
    await using call = await openMixedCall({ mic: true, cam: true });
    const { ana, bo } = call;
    await expectBothSeeAndHear(call);
    await ana.act({ type: "media", media: { mic: false } });
    const anasSound = bo.elementOf(ana.person.id, "mic");
    await waitFor(async () => await recordedLevel(bo.page, anasSound) < SILENCE_MAX, WAIT);
    await ana.act({ type: "media", media: { mic: true } });
    await boHears(call);
    await bo.act({ type: "media", media: { mic: false } });
    await waitFor(async () => !await ana.hears(bo.person, 2_500), WAIT);
    await bo.act({ type: "media", media: { mic: true } });
    expect(await ana.hears(bo.person)).toBe(true);
    await ana.act({ type: "leave" });
    await Promise.all([ana.until("ended", "hangup"), bo.until("ended", "hangup")]);
  }, TEST_TIMEOUT_MS);

  it("goes on by new addresses when the old ones lead nowhere", async () => {
    await using path = new FaultyPath({ hasAllNetworks: true });
    await using call = await openMixedCall({ mic: true, cam: true }, path);
    await expectBothSeeAndHear(call);
    path.changeAddresses();
    const { ana, bo } = call;
    await waitFor(async () => {
      const phases = [await ana.summary(), await bo.summary()].flatMap(({ linkPhases }) => linkPhases);
      return phases.includes("stalled") || phases.includes("restarting");
    }, WAIT);
    await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    await expectBothSeeAndHear(call);
  }, TEST_TIMEOUT_MS);

  it("is not restarted while nobody sends anything for a minute", async () => {
    await using call = await openMixedCall({ mic: false, cam: false });
    const { ana, bo } = call;
    const made = async () => {
      const [inChromium, inFirefox] = [await ana.counts(), await bo.counts()];
      return {
        offers: inChromium.offers + inFirefox.offers,
        connections: inChromium.connections + inFirefox.connections,
      };
    };
    const before = await made();
    await pause(60_000);
    expect(await made()).toEqual(before);
    const phases = [await ana.summary(), await bo.summary()].flatMap(({ linkPhases }) => linkPhases);
    expect(phases).toEqual(["up", "up"]);
  }, TEST_TIMEOUT_MS);
});
