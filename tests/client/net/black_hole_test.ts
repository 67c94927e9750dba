import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { netClient } from "../../support/net_client.ts";
import { testApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

const REDIAL_WITHIN_MS = 8_000;
/** For a machine that is busy with other things. */
const NOISE_MS = 500;

/** Takes connections and lets nothing through on the first of them. */
async function openBlackHole(
  targetPort: number,
  swallowCount: number,
): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    return socket;
  };
  let dialCount = 0;
  const listener = createServer((client) => {
    track(client).resume();
    dialCount++;
    if (dialCount <= swallowCount) return;
    const server = track(connect(targetPort, "127.0.0.1"));
    client.pipe(server).pipe(client);
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

describe("a dial into a black hole", () => {
  it("F9 is given up and begun anew within 8 s, and then everything works", async () => {
    await using app = await testApp();
    await using hole = await openBlackHole(app.port, 1);
    const dialledAt: number[] = [];
    using client = netClient(app.owner.device, {
      dialPort: hole.port,
      onDial: () => void dialledAt.push(performance.now()),
      // No wait between the dials, so that what is measured is when the first is given up.
      platform: { random: () => 0 },
    });
    client.connect();
    await waitFor(() => dialledAt.length === 2, { timeoutMs: 20_000 });
    const [first = 0, second = 0] = dialledAt;
    expect(second - first).toBeLessThan(REDIAL_WITHIN_MS + NOISE_MS);
    // Sooner would hurt who dials over a slow network.
    expect(second - first).toBeGreaterThan(3_000);
    await waitFor(() => client.connection.isOpen.value);
    expect(await client.trpc.rooms.list.query()).toHaveLength(1);
  }, 40_000);
});
