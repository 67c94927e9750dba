import { describe, expect, it } from "vitest";
import { cpuMicros, rssKib } from "../bench/process.ts";
import { percentile } from "../bench/stats.ts";
import { freePort } from "../support/free_port.ts";
import { startServerProcess } from "../support/server_process.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { pause, waitFor } from "../support/wait.ts";
import { Crowd, seedCrowd } from "./crowd.ts";

const CLIENT_COUNT = 1_000;
const BACK_P95_MS = 5_000;
const BACK_MAX_MS = 10_000;
const BIN_MS = 100;
const BIN_MAX_SHARE = 0.15;
const IDLE_WITHIN_MS = 20_000;
/** Of one core, over a second: what heartbeats of a thousand take on a slow machine. */
const IDLE_CPU_SHARE = 0.15;
const RSS_MAX_GROWTH = 1.2;

/** The largest share of the dials that fell into one tenth of a second. */
function fullestBin(plannedAt: readonly number[]): number {
  const bins = new Map<number, number>();
  for (const at of plannedAt) bins.set(Math.floor(at / BIN_MS), (bins.get(Math.floor(at / BIN_MS)) ?? 0) + 1);
  return Math.max(...bins.values()) / plannedAt.length;
}

/** How long it takes until a process has next to nothing to do. */
async function timeToIdle(pid: number): Promise<number> {
  const startedAt = performance.now();
  let before = await cpuMicros(pid);
  await waitFor(async () => {
    await pause(1_000);
    const now = await cpuMicros(pid);
    const share = (now - before) / 1_000_000;
    before = now;
    return share < IDLE_CPU_SHARE;
  }, { timeoutMs: 2 * IDLE_WITHIN_MS, what: "the server is idle" });
  return performance.now() - startedAt;
}

describe("a thousand clients of a killed server", () => {
  it("F3 reconnect without a stampede, after a moment and after five seconds", async () => {
    await using folder = await temporaryFolder();
    const members = await seedCrowd(folder.path, CLIENT_COUNT);
    const port = freePort();
    let server = await startServerProcess({ dataDir: folder.path, port });
    await using crowd = new Crowd(members, server.url);
    try {
      await crowd.connect();
      await timeToIdle(server.pid);
      const rssBefore = await rssKib(server.pid);
      for (const outageMs of [300, 5_000]) {
        crowd.plannedAt.length = 0;
        await server.kill();
        await waitFor(() => crowd.openCount === 0);
        await pause(outageMs);
        server = await startServerProcess({ dataDir: folder.path, port });
        const readyAt = performance.now();
        await waitFor(() => crowd.openCount === CLIENT_COUNT, { timeoutMs: 30_000, what: "all are back" });
        // Who got in before the server said that it was ready waited for nothing.
        const waits = crowd.clients.map(({ openedAt }) =>
          Math.max(0, (openedAt.at(-1) ?? Infinity) - readyAt)
        );
        const idleMs = await timeToIdle(server.pid);
        expect(percentile(waits, 95)).toBeLessThan(BACK_P95_MS);
        expect(Math.max(...waits)).toBeLessThan(BACK_MAX_MS);
        expect(fullestBin(crowd.plannedAt)).toBeLessThan(BIN_MAX_SHARE);
        expect(idleMs).toBeLessThan(IDLE_WITHIN_MS);
        // What a burst leaves behind is collected in time.
        await waitFor(async () => await rssKib(server.pid) < rssBefore * RSS_MAX_GROWTH, {
          timeoutMs: IDLE_WITHIN_MS,
          what: `memory is back below ${RSS_MAX_GROWTH} × ${rssBefore} KiB`,
        });
      }
      expect(crowd.clients.flatMap(({ problems }) => problems)).toEqual([]);
    } finally {
      await server.kill();
    }
  }, 120_000);
});
