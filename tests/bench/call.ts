/**
 * Calls in real browsers over loopback, beside two bare RTCPeerConnections in the same run. `deno task bench call PART`
 * measures one part of: bare, frames, relay, starts, restarts, paths, relays, screen,
 * files, mesh, signals, instances.
 */
import { openBareCall } from "../support/bare_call.ts";
import type { TestBrowser } from "../support/browser.ts";
import { openCallBrowser } from "../support/call_browser.ts";
import { firstFrames, meshesOfFour, relayedFirstFrames, screenShares } from "./call_frames.ts";
import { FILE_BYTES, fileRates } from "./call_files.ts";
import { deadPaths, deadRelays, restartsAtOnce, startsAtOnce } from "./call_recovery.ts";
import type { Settled } from "./call_recovery.ts";
import { localSignals, signalsBetweenInstances } from "./call_signals.ts";
import { median, percentile, printTable, printVerdicts } from "./stats.ts";
import type { Verdict } from "./stats.ts";

const BARE_ROUNDS = 10;

/** A part of the benchmark; the browser is there while something needs it. */
type Part = (browser: () => Promise<TestBrowser>) => Promise<Verdict[]>;

const PARTS: Readonly<Record<string, Part>> = {
  bare: measureBare,
  frames: async (browser) => {
    const times = await firstFrames(await browser());
    return [
      atMost("accept → first remote frame, p50", percentile(times, 50), 500),
      atMost("accept → first remote frame, p95", percentile(times, 95), 1_000),
    ];
  },
  relay: async (browser) => {
    const times = await relayedFirstFrames(await browser());
    return [atMost("accept → first remote frame by relay, p95", percentile(times, 95), 1_200)];
  },
  starts: async (browser) => [all("both start at once", await startsAtOnce(await browser()))],
  restarts: async (browser) => [all("both restart at once", await restartsAtOnce(await browser()))],
  paths: async (browser) => {
    const gaps = await deadPaths(await browser());
    return [
      atMost("every path dies → frames back, p50", percentile(gaps, 50), 2_000),
      atMost("every path dies → frames back, longest", Math.max(...gaps), 2_000),
    ];
  },
  relays: async (browser) => {
    const gaps = await deadRelays(await browser());
    return [atMost("relay killed → frames back by the second, longest", Math.max(...gaps), 7_000)];
  },
  screen: async (browser) => {
    const { times, offerCount } = await screenShares(await browser());
    return [
      atMost("screen share → shown, p95", percentile(times, 95), 300),
      { what: "screen share, offers", measured: offerCount, budget: 0, rule: "at most", unit: "" },
    ];
  },
  files: async (browser) => {
    const { bare, files } = await fileRates(await browser());
    printTable(`${FILE_BYTES / 1024 ** 2} MiB, MB/s`, [
      ["over a bare data channel", (median(bare) / 1e6).toFixed(1)],
      ["as a file", (median(files) / 1e6).toFixed(1)],
    ]);
    return [{
      what: "file of 50 MiB, of the rate of a bare channel",
      measured: 100 * median(files) / median(bare),
      budget: 85,
      rule: "at least",
      unit: " %",
    }];
  },
  mesh: async (browser) => {
    const times = await meshesOfFour(await browser());
    return [atMost("mesh of four, all 12 ends up, longest", Math.max(...times), 3_000)];
  },
  signals: async () => {
    const times = await localSignals();
    printTable("Signals on one instance, ms", [["p50", "p99"], [50, 99].map((part) => round(times, part))]);
    return [];
  },
  instances: async () => {
    const [local, remote] = [await localSignals(), await signalsBetweenInstances()];
    const more = (part: number) => percentile(remote, part) - percentile(local, part);
    return [
      atMost("signals between instances, p50 beyond local", more(50), 20),
      atMost("signals between instances, p99 beyond local", more(99), 60),
    ];
  },
};

/** Measures calls; false when a goal is missed. */
export async function call(only?: string): Promise<boolean> {
  const parts = only === undefined ? Object.keys(PARTS) : [only];
  const verdicts: Verdict[] = [];
  for (const name of parts) {
    const part = PARTS[name];
    if (part === undefined) {
      console.error(`Name a part: ${Object.keys(PARTS).join(", ")}; got ${JSON.stringify(name)}`);
      return false;
    }
    // Each part has a browser of its own, so that none inherits the work of another.
    await using opened = new AsyncDisposableStack();
    let browser: Promise<TestBrowser> | null = null;
    verdicts.push(...await part(() => browser ??= openCallBrowser().then((one) => opened.use(one))));
  }
  return printVerdicts(verdicts);
}

async function measureBare(): Promise<Verdict[]> {
  const firstFrameMs: number[] = [];
  for (let count = 0; count < BARE_ROUNDS; count++) {
    await using bare = await openBareCall();
    firstFrameMs.push(bare.firstFrameMs);
  }
  printTable("Two bare RTCPeerConnections in one Chromium", [
    ["", "p50", "p95"],
    ["offer → first remote frame, ms", round(firstFrameMs, 50), round(firstFrameMs, 95)],
  ]);
  return [];
}

function atMost(what: string, measured: number, budget: number): Verdict {
  return { what, measured, budget, rule: "at most", unit: " ms" };
}

function all(what: string, { rounds, settled }: Settled): Verdict {
  return { what: `${what}, settled`, measured: settled, budget: rounds, rule: "at least", unit: "" };
}

function round(values: readonly number[], percent: number): string {
  return percentile(values, percent).toFixed(0);
}
