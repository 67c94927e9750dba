import { describe, expect, it } from "vitest";
import { openRemoteDatabase } from "../../../server/kv/open_remote_database.ts";
import { Log } from "../../../server/log.ts";
import { hasDenokv, startDenokv } from "../../support/denokv.ts";

const log = new Log({ level: "error", format: "text" });

describe.skipIf(!await hasDenokv())("openRemoteDatabase()", () => {
  it("refuses the database of another program and leaves it as it is", async () => {
    await using denokv = await startDenokv();
    const theirs = await Deno.openKv(denokv.url);
    try {
      await theirs.set(["theirs"], 1);
      await expect(openRemoteDatabase({ url: denokv.url, log })).rejects.toThrow(
        /data of another program/,
      );
      const rows = await Array.fromAsync(theirs.list({ prefix: [] }));
      expect(rows.map(({ key }) => key)).toEqual([["theirs"]]);
    } finally {
      theirs.close();
    }
  });

  it("lets instances start at the same time on an empty database", async () => {
    await using denokv = await startDenokv();
    const opened = await Promise.all(
      Array.from({ length: 8 }, () => openRemoteDatabase({ url: denokv.url, log })),
    );
    try {
      expect(new Set(opened.map(({ epoch }) => epoch)).size).toBe(1);
    } finally {
      await Promise.all(opened.map(({ close }) => close()));
    }
  });
});
