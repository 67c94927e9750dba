import { describe, expect, it, vi } from "vitest";
import { RemoteDatabase } from "../../../server/kv/remote_database.ts";
import { hasDenokv, startDenokv } from "../../support/denokv.ts";

const isPossible = await hasDenokv();
/** A lone body of 1 KiB or more stalls for 44 ms, and so does a smaller one with a read beside it. */
const STALL_MS = 35;

describe("the database on another machine", () => {
  it("KV20 gives up a call in time even if the clock steps back", async () => {
    const { now } = Date;
    let backMs = 0;
    // The clock steps back by an hour each time it is read.
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
      // Bodies from 0.9 to 1.3 KB, in steps of 8 bytes.
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
      // One or two are so close to the limit that the calculation may be wrong, and a busy machine delays some.
      expect(times.filter((time) => time > STALL_MS).length).toBeLessThan(times.length / 5);
    },
  );
});
