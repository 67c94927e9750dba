import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** A proxy between clients and a server that misbehaves on demand. Runs in Deno and Node. */
export interface CutProxy {
  readonly port: number;
  /** Number of connections so far. */
  readonly dialCount: number;
  /** Closes every connection abruptly. */
  cut(): void;
  /** Closes new connections immediately, or accepts them again. */
  refuse(isRefusing: boolean): void;
  /** From now on, drops everything the server sends on open connections. */
  mute(): void;
  close(): Promise<void>;
}

/** Listens on a free port and forwards connections to `targetPort`, from `localAddress`. */
export async function openCutProxy(targetPort: number, localAddress = "127.0.0.1"): Promise<CutProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  let dialCount = 0;
  let isRefusing = false;
  const listener = createServer((client) => {
    client.on("error", () => client.destroy());
    dialCount++;
    if (isRefusing) return void client.destroy();
    const server = connect({ host: "127.0.0.1", port: targetPort, localAddress });
    server.on("error", () => server.destroy());
    const pair = [client, server] as const;
    pairs.add(pair);
    client.pipe(server);
    server.pipe(client);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on("close", end);
    server.on("close", end);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const [client, server] of pairs) {
      client.destroy();
      server.destroy();
    }
  };
  return {
    port: (listener.address() as AddressInfo).port,
    get dialCount() {
      return dialCount;
    },
    cut,
    refuse: (value) => void (isRefusing = value),
    mute() {
      for (const [client, server] of pairs) {
        server.unpipe(client);
        server.resume();
      }
    },
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
