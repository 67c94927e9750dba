import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** Stands between clients and a server and misbehaves on request. Runs in Deno and under Node. */
export interface CutProxy {
  readonly port: number;
  /** Connections made so far. */
  readonly dialCount: number;
  /** Ends every connection at once, without a goodbye. */
  cut(): void;
  /** New connections are ended as soon as they come, or let through again. */
  refuse(isRefusing: boolean): void;
  /** From now on nothing of what the server says on open connections arrives. */
  mute(): void;
  close(): Promise<void>;
}

/** Listens on a free port and passes every connection on to `targetPort`, dialled from `localAddress`. */
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
