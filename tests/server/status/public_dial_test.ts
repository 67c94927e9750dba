import { describe, expect, it } from "vitest";
import { PublicDial } from "../../../server/status/probes/public_dial.ts";

const ATTEMPT_MS = 5_000;

function serve(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("here"));
}

function urlOf(server: Deno.HttpServer<Deno.NetAddr>): string {
  return `http://127.0.0.1:${server.addr.port}`;
}

async function dialOnce(dial: PublicDial): Promise<{ readonly note?: string }> {
  const attempt = async (origin: string, signal: AbortSignal) => {
    const response = await fetch(origin, { signal });
    await response.body?.cancel();
  };
  return await dial.run(attempt, new AbortController().signal, ATTEMPT_MS);
}

describe("PublicDial", () => {
  it("fails when a public address that has worked leads nowhere, though our own port answers", async () => {
    await using local = serve();
    const outside = serve();
    const dial = new PublicDial({ publicUrl: urlOf(outside), localUrl: urlOf(local) });
    expect(await dialOnce(dial)).toEqual({});
    await outside.shutdown();
    await expect(dialOnce(dial)).rejects.toThrow();
  });

  it("dials our own port, with a note, while a public address has never worked", async () => {
    await using local = serve();
    const outside = serve();
    const publicUrl = urlOf(outside);
    await outside.shutdown();
    const dial = new PublicDial({ publicUrl, localUrl: urlOf(local) });
    const note = expect.stringContaining("at the server itself");
    expect([await dialOnce(dial), await dialOnce(dial)]).toEqual([{ note }, { note }]);
  });
});
