import { describe, expect, it, vi } from "vitest";
import { RemoteDatabase } from "../../../server/kv/remote_database.ts";
import { hasDenokv, startDenokv } from "../../support/denokv.ts";

const isPossible = await hasDenokv();
/** What a lone body of 1 KiB or more takes without a read beside it, and a smaller one with it, is 44 ms. */
const STALL_MS = 35;

describe("the database on another machine", () => {
  it("KV20 gives a call up in time although the clock is set back meanwhile", async () => {
    const { now } = Date;
    let backMs = 0;
    // Each look at the clock finds it an hour earlier.
    using _clock = vi.spyOn(Date, "now").mockImplementation(() => now() - (backMs += 3_600_000));
    const db = new RemoteDatabase({ open: () => new Promise(() => {}), callTimeoutMs: 50 });
    await expect(db.get(["epoch"])).rejects.toThrow("Storage did not answer in time");
    await db.close();
  }, 2_000);

  it.skipIf(!isPossible)(
    "KV21 writes bodies around 1 KiB, where a lone one stalls, without a stall",
    async () => {
      await using kv = await startDenokv();
      const db = new RemoteDatabase({ open: kv.open });
      const times: number[] = [];
      // Bodies from 0.9 to 1.3 KB, by 8 bytes each.
      for (let size = 800; size < 1_200; size += 8) {
        const startedAt = performance.now();
        const checks = [{ key: ["absent", size], versionstamp: null }];
        await db.commit({
          checks,
          sets: [[["row", size], "x".repeat(size)]],
          stamped: [[["stamped"], "y".repeat(40)]],
        });
        times.push(performance.now() - startedAt);
      }
      await db.close();
      // One or two lie so near the limit that the guess may be wrong, and a busy machine delays some.
      expect(times.filter((time) => time > STALL_MS).length).toBeLessThan(times.length / 5);
    },
  );
});
