import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApi } from "../../../client/net/api.ts";
import { ConnectionModel } from "../../../client/net/connection_model.ts";
import type { Fetch } from "../../../client/net/transport.ts";

const DIAL_MS = 40;
const STEP_MS = 100;
const MINUTE_MS = 60_000;
const SHORT_BACK_WITHIN_MS = 6_000;
const LONG_BACK_WITHIN_MS = 31_000;

/** A network that drops everything while it is down. What was sent meanwhile is never answered. */
class Network {
  isUp = true;

  readonly dial = (): WebSocket => new FakeSocket(this) as unknown as WebSocket;

  readonly fetch = ((_: unknown, init: RequestInit) => {
    if (this.isUp) return Promise.resolve(Response.json({ result: { data: { name: "Ana" } } }));
    const { promise, reject } = Promise.withResolvers<never>();
    init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    return promise;
  }) as unknown as Fetch;
}

class FakeSocket extends EventTarget {
  readonly OPEN = 1;
  readyState = 0;
  readonly #network: Network;

  constructor(network: Network) {
    super();
    this.#network = network;
    if (network.isUp) {
      setTimeout(() => {
        this.readyState = 1;
        this.dispatchEvent(new Event("open"));
      }, DIAL_MS);
    }
  }

  send(data: string): void {
    if (data === "PING" && this.#network.isUp) {
      setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data: "PONG" })), DIAL_MS);
    }
  }

  close(): void {
    this.readyState = 3;
  }
}

/** Returns how long after an outage the connection is open again. */
async function backAfterMs(downMs: number, jitter: number): Promise<number> {
  const network = new Network();
  const connection = new ConnectionModel();
  using api = createApi({
    baseUrl: "http://parley.test",
    connection,
    onSessionEnded: () => {},
    platform: {
      dial: network.dial,
      fetch: network.fetch,
      EventSource: globalThis.EventSource,
      locks: undefined,
      storage: null,
      isVisible: signal(true),
      isDeviceOnline: signal(true),
      isInputWaiting: () => false,
      onFrame: null,
      now: Date.now,
      random: () => jitter,
    },
  });
  api.connect();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(connection.isOpen.value).toBe(true);
  network.isUp = false;
  await vi.advanceTimersByTimeAsync(downMs);
  network.isUp = true;
  for (let ms = 0;; ms += STEP_MS) {
    if (connection.isOpen.value && ms >= STEP_MS) return ms;
    if (ms > 2 * MINUTE_MS) return Infinity;
    await vi.advanceTimersByTimeAsync(STEP_MS);
  }
}

describe("a network that drops everything for a while", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const cases = [
    [15_000, 58_000, SHORT_BACK_WITHIN_MS],
    [MINUTE_MS, 3 * MINUTE_MS, LONG_BACK_WITHIN_MS],
  ] as const;
  for (const [fromMs, toMs, withinMs] of cases) {
    it(`is back within ${withinMs} ms after ${fromMs} to ${toMs} ms, whatever the moment`, async () => {
      const late: string[] = [];
      for (const jitter of [0, 0.5, 0.999]) {
        for (let downMs = fromMs; downMs <= toMs; downMs += 1_700) {
          const ms = await backAfterMs(downMs, jitter);
          if (ms > withinMs) late.push(`${downMs} ms, jitter ${jitter}: back after ${ms} ms`);
        }
      }
      expect(late).toEqual([]);
    });
  }
});
