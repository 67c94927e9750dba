import { describe, expect, it } from "vitest";
import { openRemoteDatabase } from "../../../server/kv/open_remote_database.ts";
import { Log } from "../../../server/log.ts";
import { hasDenokv, startDenokv } from "../../support/denokv.ts";
import type { Denokv } from "../../support/denokv.ts";

const log = new Log({ level: "error", format: "text" });

/** Forwards to a database, but answers the one read after the first write with "busy", as a proxy does. */
function blinkingProxy(denokv: Denokv) {
  const counts = { writes: 0, refusals: 0 };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/snapshot_read") && counts.writes === 1 && counts.refusals === 0) {
      counts.refusals++;
      await request.body?.cancel();
      return new Response("Busy", { status: 429 });
    }
    if (pathname.endsWith("/atomic_write")) counts.writes++;
    const { method, headers } = request;
    const body = await request.arrayBuffer();
    return await fetch(denokv.url + pathname, { method, headers, body });
  });
  return { counts, server, url: `http://127.0.0.1:${server.addr.port}` };
}

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

  it("waits again when storage goes away after it has answered once", async () => {
    await using denokv = await startDenokv();
    const { counts, server, url } = blinkingProxy(denokv);
    await using _server = server;
    const opened = await openRemoteDatabase({ url, log });
    await opened.close();
    expect(counts.refusals).toBe(1);
    expect(opened.epoch).not.toBe("");
  });

  it("stops waiting at once, also for a server that accepts and says nothing", async () => {
    const hung = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        // Handles ask with a body; whoever only looks whether anything answers sends none.
        if ((await request.arrayBuffer()).byteLength > 0) return new Response("Busy", { status: 429 });
        hung.resolve();
        await released.promise;
        return new Response();
      },
    );
    const stopping = new AbortController();
    const url = `http://127.0.0.1:${server.addr.port}`;
    const opening = openRemoteDatabase({ url, log, signal: stopping.signal });
    await hung.promise;
    const stoppedAt = performance.now();
    stopping.abort();
    const end = await opening.catch((error: unknown) => error);
    const tookMs = performance.now() - stoppedAt;
    released.resolve();
    expect(end).toMatchObject({ name: "AbortError" });
    expect(tookMs).toBeLessThan(2_500);
  });
});
