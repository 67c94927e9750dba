import type { Page, TestBrowser } from "../support/browser.ts";
import { directRoom } from "../support/call_kit.ts";
import { callApp, callOfTwo, openDevice } from "../support/call_page/call_device.ts";
import type { CallDevice, CallOfTwo } from "../support/call_page/call_device.ts";
import type { PageCalls } from "../support/call_page/page.ts";
import { startCoturn } from "../support/coturn.ts";
import { FaultyPath } from "../support/faulty_path.ts";
import { RELAY_SECRET, relayConfig } from "./call_frames.ts";

const START_ROUNDS = 20;
/** As many as an account may start at once. */
const STARTS_OF_ACCOUNT = 10;
const RESTART_ROUNDS = 200;
const PATH_ROUNDS = 8;
const RELAY_ROUNDS = 3;

/** Rounds that ended with pictures and sound on both sides. */
export interface Settled {
  readonly rounds: number;
  readonly settled: number;
}

/** Both people start a call of their room at the same moment. */
export async function startsAtOnce(browser: TestBrowser): Promise<Settled> {
  let settled = 0;
  for (let rounds = 0; rounds < START_ROUNDS; rounds += STARTS_OF_ACCOUNT) {
    settled += await startTogether(browser, STARTS_OF_ACCOUNT);
  }
  return { rounds: START_ROUNDS, settled };
}

async function startTogether(browser: TestBrowser, rounds: number): Promise<number> {
  await using app = await callApp();
  const person = await app.person("Bo");
  const roomId = await directRoom(app.owner, person);
  await using ana = await openDevice(browser, { app, person: app.owner });
  await using bo = await openDevice(browser, { app, person });
  let settled = 0;
  for (let round = 0; round < rounds; round++) {
    await Promise.all([
      ana.start(roomId, { ring: [person.id] }),
      bo.start(roomId, { ring: [app.owner.id] }),
    ]);
    if (await isSeenAndHeard({ ana, bo })) settled++;
    await (round % 2 === 0 ? ana : bo).act({ type: "leave" });
    await Promise.all([ana.until("ended"), bo.until("ended")]);
  }
  return settled;
}

/** Both sides of a link want a restart at the same moment. */
export async function restartsAtOnce(browser: TestBrowser): Promise<Settled> {
  await using call = await callOfTwo(browser);
  const { ana, bo } = call;
  let settled = 0;
  for (let round = 0; round < RESTART_ROUNDS; round++) {
    await Promise.all(
      [ana, bo].map(({ page }) => page.evaluate(() => void dispatchEvent(new Event("online")))),
    );
    await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    settled++;
  }
  return { rounds: RESTART_ROUNDS, settled: await isSeenAndHeard(call) ? settled : 0 };
}

async function isSeenAndHeard({ ana, bo }: Pick<CallOfTwo, "ana" | "bo">): Promise<boolean> {
  const proofs = [ana.sees(bo.person), bo.sees(ana.person), ana.hears(bo.person), bo.hears(ana.person)];
  return (await Promise.all(proofs)).every((isProved) => isProved);
}

/**
 * Gaps without a picture, each the longer one of both sides, when every path dies and there are new addresses. Each is
 * in a call of its own: after a gap, Chromium shows pictures up to a few seconds late for a while, which hides the next.
 */
export async function deadPaths(browser: TestBrowser): Promise<number[]> {
  const gaps: number[] = [];
  for (let round = 0; round < PATH_ROUNDS; round++) {
    await using path = new FaultyPath();
    await using call = await callOfTwo(browser, { path });
    if (!await isSeenAndHeard(call)) throw new Error("The call did not begin");
    gaps.push(await longestGap(call, () => path.changeAddresses()));
  }
  return gaps;
}

/** Gaps when the relay that both use dies and there is another one. */
export async function deadRelays(browser: TestBrowser): Promise<number[]> {
  const gaps: number[] = [];
  for (let round = 0; round < RELAY_ROUNDS; round++) {
    await using relays = new AsyncDisposableStack();
    const first = relays.use(await startCoturn({ secret: RELAY_SECRET }));
    const second = relays.use(await startCoturn({ secret: RELAY_SECRET }));
    await using call = await callOfTwo(browser, {
      config: relayConfig([first.port, second.port]),
      isRelayOnly: true,
    });
    if (!await isSeenAndHeard(call)) throw new Error("The call did not begin");
    const used = await relayPortOf(call.ana.page);
    const dying = used === first.port ? first : second;
    gaps.push(await longestGap(call, () => void dying[Symbol.asyncDispose]()));
  }
  return gaps;
}

/** The port of the relay that a page uses now. */
async function relayPortOf(page: Page): Promise<number> {
  const url = await page.evaluate(async () => {
    const { connections } = (globalThis as unknown as { calls: PageCalls }).calls;
    for (const connection of connections.toReversed()) {
      const stats = await connection.getStats() as unknown as Map<string, Record<string, unknown>>;
      const entries = [...stats.values()];
      const pairId = entries.find(({ type }) => type === "transport")?.["selectedCandidatePairId"];
      const local = stats.get(String(stats.get(String(pairId))?.["localCandidateId"]));
      if (local?.["url"] !== undefined) return String(local["url"]);
    }
    return "";
  });
  const port = /:(\d+)(?:\?|$)/.exec(url)?.[1];
  if (port === undefined) throw new Error("The call uses no relay");
  return Number(port);
}

/** Pictures that have come for so long after the longest gap have come back for good. */
const SETTLED_MS = 5_000;
const GAP_MAX_MS = 40_000;

/** The longest time without a picture after something happens, on the side where it is longer. */
async function longestGap({ ana, bo }: Pick<CallOfTwo, "ana" | "bo">, act: () => void): Promise<number> {
  const watching = [watchGap(ana, bo), watchGap(bo, ana)];
  await Promise.all([ana, bo].map(({ page }) => page.waitForFunction(() => "isWatching" in globalThis)));
  act();
  return Math.max(...await Promise.all(watching));
}

/** Resolves with the longest gap, once pictures have come again for a while. */
function watchGap({ page, elementOf }: CallDevice, other: CallDevice): Promise<number> {
  return page.evaluate(async ({ selector, settledMs, gapMaxMs }) => {
    Object.assign(globalThis, { isWatching: true });
    const endsAt = performance.now() + gapMaxMs;
    let last = performance.now();
    let longest = 0;
    let longestEndedAt = last;
    let counted: HTMLVideoElement | null = null;
    let frames = 0;
    while (performance.now() < endsAt) {
      const video = document.querySelector<HTMLVideoElement>(selector);
      // A new connection has a new track, and its element counts anew.
      const now = video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
      if (video !== counted || now !== frames) {
        const isNew = video === counted && now > frames;
        [counted, frames] = [video, now];
        if (isNew) {
          const at = performance.now();
          if (at - last >= longest) [longest, longestEndedAt] = [at - last, at];
          last = at;
          if (at - longestEndedAt >= settledMs) return longest;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return Math.max(longest, performance.now() - last);
  }, { selector: elementOf(other.person.id, "cam"), settledMs: SETTLED_MS, gapMaxMs: GAP_MAX_MS });
}
