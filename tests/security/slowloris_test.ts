import { describe, expect, it } from "vitest";
import { percentile } from "../bench/stats.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServerProcess } from "../support/server_process.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { pause, waitFor } from "../support/wait.ts";

const SOCKET_COUNT = 800;
const DRIP_MS = 1_000;
const CUT_WITHIN_MS = 15_000;
/** Delay on a busy machine until the end of a socket is noticed here. */
const NOISE_MS = 1_000;
const GET_MAX_MS = 100;
const GET_EVERY_MS = 50;
/** An attacker with one address gets 1,500 connections; several addresses keep within the dial rate. */
const ADDRESS_COUNT = 8;

/** A client that sends its request so slowly that it never ends. */
class SlowClient {
  readonly #client: RawClient;
  readonly #openedAt = performance.now();
  readonly #drip: string;
  /** When the server closed the connection; null while it is open. */
  cutAfterMs: number | null = null;

  constructor(client: RawClient, kind: "headers" | "body", origin: string) {
    this.#client = client;
    this.#drip = kind === "headers" ? "X-More: 1\r\n" : "x";
    client.write(
      kind === "headers" ? "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" : [
        "POST /trpc/auth.signIn HTTP/1.1",
        "Host: 127.0.0.1",
        `Origin: ${origin}`,
        "Content-Type: application/json",
        "Content-Length: 60000",
        "",
        "{",
      ].join("\r\n"),
    );
  }

  /** Sends a little more, or notes that the connection has closed. */
  drip(): void {
    if (this.cutAfterMs !== null) return;
    if (this.#client.isClosed) this.cutAfterMs = performance.now() - this.#openedAt;
    else this.#client.write(this.#drip);
  }
}

/** Measures small requests, one after the other, until `stop`. */
function measureGets(url: string): { stop(): Promise<number[]> } {
  const times: number[] = [];
  let isStopping = false;
  const run = async () => {
    while (!isStopping) {
      const startedAt = performance.now();
      const response = await fetch(`${url}/healthz`, { headers: { connection: "close" } });
      await response.text();
      expect(response.status).toBe(200);
      times.push(performance.now() - startedAt);
      await pause(GET_EVERY_MS);
    }
  };
  const done = run();
  return {
    async stop() {
      isStopping = true;
      await done;
      return times;
    },
  };
}

describe("requests that never end", () => {
  it("T37 800 half requests delay nobody, and are all closed within 15 s", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerProcess({ dataDir: folder.path });
    const port = Number(new URL(server.url).port);
    const before = measureGets(server.url);
    await pause(2_000);
    const usual = percentile(await before.stop(), 95);

    const gets = measureGets(server.url);
    await using opened = new AsyncDisposableStack();
    const clients: SlowClient[] = [];
    for (let index = 0; index < SOCKET_COUNT; index++) {
      const client = await RawClient.dial(port, `127.3.7.${1 + index % ADDRESS_COUNT}`);
      opened.use(client);
      clients.push(new SlowClient(client, index % 2 === 0 ? "headers" : "body", server.url));
      if (index % 40 === 0) await pause(50);
    }
    let drippedAt = 0;
    await waitFor(() => {
      if (performance.now() - drippedAt < DRIP_MS / 10) return false;
      drippedAt = performance.now();
      for (const client of clients) client.drip();
      return clients.every(({ cutAfterMs }) => cutAfterMs !== null);
    }, { timeoutMs: 40_000, what: "all are cut" });
    const times = await gets.stop();

    const cuts = clients.map(({ cutAfterMs }) => cutAfterMs ?? Infinity);
    expect(Math.max(...cuts)).toBeLessThan(CUT_WITHIN_MS + NOISE_MS);
    expect(times.length).toBeGreaterThan(50);
    expect(percentile(times, 95)).toBeLessThan(Math.max(GET_MAX_MS, 3 * usual));
  }, 60_000);
});
