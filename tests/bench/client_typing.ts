import type { Page } from "../support/browser.ts";
import { openBarePage } from "./bare_page.ts";
import { openClientRoom } from "./client_room.ts";
import type { ClientRoom } from "./client_room.ts";
import { delay } from "./process.ts";
import { percentile, printTable } from "./stats.ts";
import type { Verdict } from "./stats.ts";

/** As many rooms as somebody has who has been in a place for years. */
const ROOM_COUNT = 200;
const LINE_COUNT = 5;
const PER_SECOND = 50;
const MESSAGE_COUNT = 500;
/** Fills the timeline, so that each new row pushes one out. */
const WARM_MESSAGE_COUNT = 500;
const KEY_INTERVAL_MS = 120;
const SLOW_DOWN = 4;
const BUDGET_MS = { full: 50, slow: 200 } as const;

interface TypingFigures {
  /** From each key to the end of the next frame. */
  readonly delaysMs: readonly number[];
  /** Main thread for each message, keys included. */
  readonly busyMs: Record<"all" | "script" | "layout" | "style", number>;
}

/** How soon a key shows while others say 50 messages a second, at full speed and on a machine a quarter as fast. */
export async function measureTyping(): Promise<Verdict[]> {
  await using room = await openClientRoom({ roomCount: ROOM_COUNT, lineCount: LINE_COUNT });
  await room.talk(WARM_MESSAGE_COUNT, PER_SECOND * 3);
  const atRest = await typeWhile(room, () => delay(5_000));
  const full = await typeWhile(room, () => room.talk(MESSAGE_COUNT, PER_SECOND));
  const elsewhere = await typeWhile(room, () => room.talkElsewhere(MESSAGE_COUNT, PER_SECOND));
  const bare = await measureBare(room.page);
  await room.meter.slowDown(SLOW_DOWN);
  // What a machine that is busy with other things does to keys by itself.
  const slowAtRest = await typeWhile(room, () => delay(5_000));
  const slow = await typeWhile(room, () => room.talk(MESSAGE_COUNT, PER_SECOND));
  const rowOf = (name: string, { delaysMs, busyMs }: TypingFigures) => [
    name,
    ...[50, 95, 100].map((percent) => percentile(delaysMs, percent).toFixed(0)),
    ...[busyMs.all, busyMs.script, busyMs.layout, busyMs.style].map((ms) => ms.toFixed(2)),
  ];
  printTable(`A key to the next frame at ${PER_SECOND} messages a second; main thread a message, ms`, [
    ["", "p50", "p95", "max", "all", "script", "layout", "style"],
    rowOf("nobody talks", atRest),
    rowOf("full speed", full),
    rowOf("in the other rooms", elsewhere),
    rowOf(`CPU ÷ ${SLOW_DOWN}, nobody talks`, slowAtRest),
    rowOf(`CPU ÷ ${SLOW_DOWN}`, slow),
    rowOf(`bare page, CPU ÷ ${SLOW_DOWN}, nobody talks`, bare.atRest),
    rowOf(`bare page, CPU ÷ ${SLOW_DOWN}`, bare.talking),
  ]);
  const p95 = ({ delaysMs }: TypingFigures) => percentile(delaysMs, 95);
  const ratioAtRest = p95(slowAtRest) / p95(bare.atRest);
  const ratio = p95(slow) / p95(bare.talking);
  console.log(
    `p95 to that of the bare page: ${ratioAtRest.toFixed(1)} while nobody talks, else ${ratio.toFixed(1)}`,
  );
  const verdict = (what: string, { delaysMs }: TypingFigures, budget: number): Verdict => ({
    what: `key to next frame${what}, p95`,
    measured: percentile(delaysMs, 95),
    budget,
    rule: "at most",
    unit: " ms",
  });
  return [
    verdict("", full, BUDGET_MS.full),
    verdict(" while others talk elsewhere", elsewhere, BUDGET_MS.full),
    verdict(` with CPU ÷ ${SLOW_DOWN}`, slow, BUDGET_MS.slow),
  ];
}

/** What the browser itself takes on this machine, with as many lines and a box. */
async function measureBare(beside: Page): Promise<Record<"atRest" | "talking", TypingFigures>> {
  await using bare = await openBarePage(beside);
  await bare.meter.slowDown(SLOW_DOWN);
  const atRest = await typeWhile(bare, () => delay(5_000));
  const talking = await typeWhile(bare, () => bare.talk(MESSAGE_COUNT, PER_SECOND));
  return { atRest, talking };
}

async function typeWhile(
  { page, meter }: Pick<ClientRoom, "page" | "meter">,
  work: () => Promise<void>,
): Promise<TypingFigures> {
  await page.locator("textarea").fill("");
  await page.locator("textarea").focus();
  const delays = await followKeys(page);
  const before = await meter.busy();
  let isOver = false;
  const working = work().finally(() => isOver = true);
  const keys: Promise<void>[] = [];
  while (!isOver) {
    // Nobody waits with the next key until the last one shows.
    keys.push(page.keyboard.press("a"));
    await delay(KEY_INTERVAL_MS);
  }
  await Promise.all([working, ...keys]);
  const after = await meter.busy();
  const busyOf = (name: keyof typeof after) => (after[name] - before[name]) * 1_000 / MESSAGE_COUNT;
  return {
    delaysMs: await delays(),
    busyMs: {
      all: busyOf("all"),
      script: busyOf("script"),
      layout: busyOf("layout"),
      style: busyOf("style"),
    },
  };
}

/** Notes for each key how long it took until a frame was drawn after it; what is given ends that and tells. */
async function followKeys(page: Page): Promise<() => Promise<number[]>> {
  const following = await page.evaluateHandle(() => {
    const delays: number[] = [];
    const onKey = (event: KeyboardEvent) =>
      requestAnimationFrame(() => {
        // Comes when the frame is drawn.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          delays.push(performance.now() - event.timeStamp);
          port1.close();
        };
        port2.postMessage(null);
      });
    addEventListener("keydown", onKey, { capture: true });
    return { delays, stop: () => removeEventListener("keydown", onKey, { capture: true }) };
  });
  return async () => {
    const delays = await following.evaluate(({ delays, stop }) => {
      stop();
      return delays;
    });
    await following.dispose();
    return delays;
  };
}
