import { describe, expect, it } from "vitest";
import { IN_MEMORY, openDatabase } from "../../../server/kv/open_database.ts";
import { Log } from "../../../server/log.ts";
import type { SignalRow } from "../../../server/streams/feed.ts";
import { SignalBatch } from "../../../server/streams/signal_batch.ts";
import { waitFor } from "../../support/wait.ts";

const typing = (name: string) => ({ type: "typing", name }) as unknown as SignalRow;

describe("SignalBatch", () => {
  it("writes what follows a signal that storage refuses", async () => {
    const { db } = await openDatabase(IN_MEMORY);
    const lines: string[] = [];
    const written: string[] = [];
    let count = 0;
    const batch = new SignalBatch({
      log: new Log({ level: "warn", format: "text", write: (line) => void lines.push(line) }),
      write: async (signals) => {
        await db.commit({ sets: [[["signals", ++count], signals]] });
        written.push(...(signals as unknown as { name: string }[]).map(({ name }) => name));
      },
    });
    batch.add(typing("before"));
    batch.add(typing("x".repeat(70_000)));
    batch.add(typing("after"));
    await waitFor(() => written.length === 2);
    expect(written).toEqual(["before", "after"]);
    expect(lines.length).toBe(1);
    expect(lines[0]).toContain("count=1");
    await batch.stop();
    await db.close();
  });
});
