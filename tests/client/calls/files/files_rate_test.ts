import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rawDataRate } from "../../../support/bare_call.ts";
import type { TestBrowser } from "../../../support/browser.ts";
import { openCallBrowser } from "../../../support/call_browser.ts";
import { openTabMeter } from "../../../support/tab_memory.ts";
import { waitFor } from "../../../support/wait.ts";
import { openLinkPair } from "./link_pages.ts";
import type { LinkPair } from "./link_pages.ts";

const MIB = 1024 * 1024;
const BIG_BYTES = 50 * MIB;
const PATIENCE_MS = 180_000;
/** Of the rate of the bare channel. The goal, 0.85, is for `bench call files` on a quiet machine. */
const RATE_MIN = 0.5;
const ROUNDS_MAX = 6;
/** Large beside what passes between two collections of garbage, 60 MiB on a fast machine. */
const HUGE_BYTES = 150 * MIB;
/** A file that was held in memory would take more. */
const GROWTH_MAX_BYTES = 110 * MIB;

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Offers a file, and waits until the sender has nothing left to do but to send it. */
async function offerBig({ ana, bo }: LinkPair, sizeBytes: number): Promise<string> {
  const fileId = await ana.offer("big.bin", sizeBytes);
  await waitFor(async () => (await ana.outgoing(fileId))?.hash, { timeoutMs: 60_000 });
  await bo.reaches(fileId, "offered");
  return fileId;
}

/** The memory of all processes that draw pages. */
async function pagesMemory(): Promise<number> {
  const devtools = await browser.browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  await devtools.detach();
  let pages = 0;
  for (const { id, type } of processInfo) {
    if (type !== "renderer") continue;
    pages += Number((await Deno.readTextFile(`/proc/${id}/statm`)).split(" ")[1]);
  }
  return pages * 4_096;
}

describe("a large file", () => {
  it("FILE16 comes at half the rate of the bare channel at least", async () => {
    await using pair = await openLinkPair(browser);
    const { ana, bo } = pair;
    const rates: number[] = [];
    // Other programs take turns on this machine, so the best of a few pairs of rounds counts.
    while (rates.length < ROUNDS_MAX && Math.max(...rates, 0) < RATE_MIN) {
      const before = await rawDataRate(ana.page, bo.page, BIG_BYTES);
      const fileId = await offerBig(pair, BIG_BYTES);
      const rate = await bo.acceptTimed(fileId, BIG_BYTES);
      const after = await rawDataRate(ana.page, bo.page, BIG_BYTES);
      rates.push(rate / Math.max(before, after));
      await bo.reaches(fileId, "done");
    }
    expect(Math.max(...rates), rates.map((rate) => rate.toFixed(2)).join()).toBeGreaterThanOrEqual(RATE_MIN);
  }, PATIENCE_MS);

  it("FILE17 passes without staying in memory", async () => {
    await using pair = await openLinkPair(browser);
    const { ana, bo } = pair;
    const meters = [await openTabMeter(ana.page), await openTabMeter(bo.page)];
    const pass = async () => {
      const fileId = await offerBig(pair, HUGE_BYTES);
      // What making the file has left behind.
      for (const meter of meters) await meter.memory();
      const before = await pagesMemory();
      await bo.act("accept", fileId);
      let most = 0;
      await waitFor(async () => {
        // Chunks that have passed are garbage; what is held is not.
        for (const meter of meters) await meter.memory();
        most = Math.max(most, await pagesMemory());
        return (await bo.incoming(fileId))?.phase === "done";
      }, { timeoutMs: 60_000 });
      await ana.reaches(fileId, "done");
      return most - before;
    };
    // The first one fills pools that stay; of the others the best counts, since a busy machine collects garbage late.
    const growths = [await pass()];
    const least = () => Math.min(...growths.slice(1));
    while (growths.length < ROUNDS_MAX && least() >= GROWTH_MAX_BYTES) growths.push(await pass());
    expect(least(), growths.join()).toBeLessThan(GROWTH_MAX_BYTES);
  }, PATIENCE_MS);
});
