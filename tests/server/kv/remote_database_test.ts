import { describe, expect, it, vi } from "vitest";
import { RemoteDatabase } from "../../../server/kv/remote_database.ts";

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
});
