import { describe, expect, it } from "vitest";
import type { TransportKind } from "../../../client/net/connection_model.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { netClient } from "../../support/net_client.ts";
import { openNetworkProxy } from "../../support/network_proxy.ts";
import type { NetworkFault } from "../../support/network_proxy.ts";
import { Device } from "../../support/test_clients.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

const KINDS: readonly TransportKind[] = ["websocket", "sse", "polling"];
const FAULTS: readonly NetworkFault[] = ["stall", "black_hole", "no_answers", "no_requests", "drip"];
const SHOWN_WITHIN_MS = 10_000;
const BACK_WITHIN_MS = 6_000;
const ASKED_BACK_WITHIN_MS = 3_000;
/** For a machine that is busy with other things. */
const NOISE_MS = 1_500;
const TIMEOUT_MS = 90_000;

/** A client behind a network of its own, that listens to the first room. */
async function openClient(app: TestApp, kind: TransportKind) {
  await using opened = new AsyncDisposableStack();
  const proxy = opened.use(await openNetworkProxy({ refusesUpgrades: kind !== "websocket" }));
  proxy.serve(app.port);
  const { address } = app.device();
  const device = opened.use(new Device(proxy.url, address, { pageOrigin: app.url }));
  device.cookie = app.owner.device.cookie;
  const client = opened.use(netClient(device, {
    platform: {
      storage: {
        getItem: () => kind === "websocket" ? null : `${kind} ${Date.now()}`,
        setItem: () => {},
        removeItem: () => {},
      },
    },
  }));
  const roomId = (await app.owner.api.rooms.list.query())[0]?.id as RoomId;
  const texts: string[] = [];
  let asked: Promise<unknown> | null = null;
  let isListening = false;
  client.trpc.messages.onEvent.subscribe({ roomId }, {
    onData: ({ data }) => {
      isListening = true;
      if (data.type === "message_sent") texts.push(data.message.text);
    },
  });
  client.connect();
  await waitFor(() => isListening, { timeoutMs: 30_000, what: `somebody listens over ${kind}` });
  const parts = opened.move();
  const { connection } = client;
  return {
    proxy,
    connection,
    texts,
    roomId,
    /** What was asked during a fault, and answered after it. */
    answer: () => asked,
    /** Lets a fault last until it is shown, and then until a dial has been lost in it. */
    async suffer(fault: NetworkFault): Promise<void> {
      const startedAt = performance.now();
      proxy.set(fault);
      // A stream tells nothing about the other direction: it shows as soon as somebody says something.
      if (fault === "no_requests") asked = client.trpc.rooms.list.query();
      await waitFor(() => connection.notice.value === "lost", {
        timeoutMs: SHOWN_WITHIN_MS + NOISE_MS,
        what: `${fault} is shown over ${kind}`,
      });
      expect(performance.now() - startedAt).toBeLessThan(SHOWN_WITHIN_MS + NOISE_MS);
      const { dialCount } = proxy;
      await waitFor(() => proxy.dialCount > dialCount, {
        timeoutMs: 20_000,
        what: `a dial into ${fault} over ${kind}`,
      });
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

interface Case {
  readonly kind: TransportKind;
  readonly fault: NetworkFault;
  /** Whether the user asks to try again when the fault is over. */
  readonly asks: boolean;
}

const CASES: readonly Case[] = [
  ...KINDS.flatMap((kind) => FAULTS.map((fault) => ({ kind, fault, asks: false }))),
  ...KINDS.map((kind) => ({ kind, fault: "black_hole", asks: true } as const)),
];

describe("any network", () => {
  it(
    "shows a fault within 10 s, is back 6 s after it, or 3 s when asked, with nothing lost or doubled",
    async () => {
      await using app = await testApp();
      const sent: string[] = [];
      const send = async (roomId: RoomId, text: string) => {
        sent.push(text);
        await app.owner.api.messages.send.mutate({ roomId, clientMessageId: `m${sent.length}`, text });
      };
      await using clients = new AsyncDisposableStack();
      const all = await Promise.all(CASES.map(async ({ kind, fault, asks }) => ({
        name: `${fault} over ${kind}${asks ? ", asked" : ""}`,
        fault,
        asks,
        client: clients.use(await openClient(app, kind)),
      })));
      const roomId = all[0]?.client.roomId as RoomId;
      await send(roomId, "before");
      await waitFor(() => all.every(({ client }) => client.texts.length === 1));
      const suffering = all.map(({ client, fault }) => client.suffer(fault));
      await send(roomId, "meanwhile 1");
      await send(roomId, "meanwhile 2");
      const late: string[] = [];
      await Promise.all(all.map(async ({ name, asks, client }, index) => {
        await suffering[index];
        const healedAt = performance.now();
        client.proxy.set("none");
        if (asks) client.connection.tryNow();
        await waitFor(() => client.connection.isOpen.value && client.texts.length === sent.length, {
          timeoutMs: 40_000,
          what: `${name} is over`,
        });
        const ms = performance.now() - healedAt;
        await client.answer();
        if (ms > (asks ? ASKED_BACK_WITHIN_MS : BACK_WITHIN_MS) + NOISE_MS) {
          late.push(`${name}: ${Math.round(ms)} ms`);
        }
      }));
      expect(late).toEqual([]);
      for (const { name, client } of all) expect([name, client.texts]).toEqual([name, sent]);
    },
    TIMEOUT_MS,
  );
});
