import { describe, expect, it } from "vitest";
import { openBareCall, REMOTE } from "./bare_call.ts";
import type { BareCall } from "./bare_call.ts";
import type { Page } from "./browser.ts";
import { countPictures, soundLevel } from "./call_browser.ts";
import { FaultyPath } from "./faulty_path.ts";
import { waitFor } from "./wait.ts";

const HEARD_MIN = 0.02;
const WAIT = { timeoutMs: 30_000 };

/** Waits until both sides see and hear each other. */
async function isUp({ pages }: BareCall): Promise<void> {
  await Promise.all(pages.map(async (page) => {
    await waitFor(() => isSeen(page), { ...WAIT, what: "a picture changes" });
    await waitFor(() => isHeard(page), { ...WAIT, what: "a beep is heard" });
  }));
}

async function isDown({ pages }: BareCall): Promise<void> {
  await Promise.all(pages.map(async (page) => {
    await waitFor(async () => !await isSeen(page), { ...WAIT, what: "the picture stands" });
  }));
}

async function isSeen(page: Page): Promise<boolean> {
  return await countPictures(page, REMOTE, { enough: 2 }) > 0;
}

async function isHeard(page: Page): Promise<boolean> {
  return await soundLevel(page, REMOTE, { enough: HEARD_MIN }) >= HEARD_MIN;
}

/** Sends nothing any more, as a person does who is muted and has no camera. */
async function takeTracks(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { connection } = globalThis as unknown as { connection: RTCPeerConnection };
    for (const sender of connection.getSenders()) await sender.replaceTrack(null);
  });
}

describe("pictures and sound", () => {
  it("are seen and heard while they are sent, and not when the track is taken away or muted", async () => {
    await using call = await openBareCall();
    await isUp(call);
    const [sender, receiver] = call.pages;
    expect(call.firstFrameMs).toBeGreaterThan(0);
    expect(await countPictures(receiver, "#nothing", { withinMs: 100 })).toBe(0);
    expect(await soundLevel(receiver, "#nothing", { withinMs: 100 })).toBe(0);
    await takeTracks(sender);
    // The last frame stays, and the track is live: only pixels tell.
    await waitFor(async () => await countPictures(receiver, REMOTE) === 0, {
      ...WAIT,
      what: "the picture stands",
    });
    await waitFor(async () => await soundLevel(receiver, REMOTE) < HEARD_MIN, {
      ...WAIT,
      what: "it is silent",
    });
    expect(await countPictures(sender, REMOTE)).toBeGreaterThan(0);
    await sender.evaluate(() => {
      const video = document.querySelector<HTMLVideoElement>("#remote");
      if (video !== null) video.muted = true;
    });
    expect(await soundLevel(sender, REMOTE)).toBe(0);
  }, 120_000);
});

describe("a faulty path", () => {
  it("carries the whole call, and none of it when it is dead", async () => {
    await using path = new FaultyPath();
    await using call = await openBareCall({ path });
    await isUp(call);
    expect(path.counts.passed).toBeGreaterThan(100);
    // No pair of candidates leads past it.
    path.set({ isDead: true });
    await isDown(call);
    const { passed } = path.counts;
    expect(await isSeen(call.pages[0])).toBe(false);
    expect(path.counts.passed).toBe(passed);
    path.set({});
    await isUp(call);
  }, 120_000);

  it("leads nowhere after a change of addresses, until ICE is restarted", async () => {
    await using path = new FaultyPath();
    await using call = await openBareCall({ path });
    await isUp(call);
    path.changeAddresses();
    await isDown(call);
    await call.restart();
    await isUp(call);
  }, 120_000);

  it("loses, delays and slows down as it is told", async () => {
    await using path = new FaultyPath();
    await using call = await openBareCall({ path });
    await isUp(call);
    path.set({ loss: 0.2 });
    const before = path.counts;
    await waitFor(() => path.counts.passed - before.passed > 1_000, {
      ...WAIT,
      what: "a thousand datagrams",
    });
    const dropped = path.counts.dropped - before.dropped;
    const share = dropped / (dropped + path.counts.passed - before.passed);
    expect(share).toBeGreaterThan(0.12);
    expect(share).toBeLessThan(0.28);
    path.set({ delayMs: 150 });
    await waitFor(async () => await roundTripMs(call) > 250, { ...WAIT, what: "the round trip is longer" });
    path.set({});
    await waitFor(async () => await roundTripMs(call) < 100, { ...WAIT, what: "the round trip is short" });
    for (const page of call.pages) await takeTracks(page);
    path.set({ bitsPerSecond: 300_000 });
    // 300 kbit/s are 37,500 bytes a second.
    expect(await call.sendData(60_000)).toBeLessThan(37_500);
  }, 120_000);
});

/** The last round trip of the pair of candidates in use. */
async function roundTripMs({ pages: [page] }: BareCall): Promise<number> {
  return await page.evaluate(async () => {
    const { connection } = globalThis as unknown as { connection: RTCPeerConnection };
    const stats = [
      ...(await connection.getStats() as unknown as Map<string, Record<string, unknown>>).values(),
    ];
    const pair = stats.find(({ type, nominated, state }) =>
      type === "candidate-pair" && nominated === true && state === "succeeded"
    );
    return Number(pair?.["currentRoundTripTime"] ?? 0) * 1_000;
  });
}
