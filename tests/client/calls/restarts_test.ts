import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../../support/browser.ts";
import { openCallBrowser } from "../../support/call_browser.ts";
import { callOfTwo } from "../../support/call_page/call_device.ts";
import type { CallDevice } from "../../support/call_page/call_device.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const ROUND_COUNT = 200;

/** Has a device believe that its network has changed. */
const changeNetwork = ({ page }: CallDevice) => page.evaluate(() => void dispatchEvent(new Event("online")));

describe("restarts of a link", () => {
  it(`leave pictures and sound after ${ROUND_COUNT} of both sides at once`, async () => {
    await using call = await callOfTwo(browser);
    const { ana, bo } = call;
    const before = (await ana.counts()).connections + (await bo.counts()).connections;
    for (let round = 0; round < ROUND_COUNT; round++) {
      await Promise.all([changeNetwork(ana), changeNetwork(bo)]);
      await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    }
    const seen = [ana.sees(bo.person), bo.sees(ana.person), ana.hears(bo.person), bo.hears(ana.person)];
    expect(await Promise.all(seen)).toEqual([true, true, true, true]);
    const [a, b] = [await ana.counts(), await bo.counts()];
    expect(a.connections + b.connections).toBe(before);
    // One side offers, and a restart that is asked for meanwhile is the one that is under way.
    expect(Math.min(a.offers, b.offers)).toBe(0);
    expect(Math.max(a.offers, b.offers)).toBeGreaterThan(ROUND_COUNT / 4);
    expect(Math.max(a.offers, b.offers)).toBeLessThanOrEqual(2 * ROUND_COUNT + 1);
  }, 300_000);
});
