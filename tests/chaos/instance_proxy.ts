import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** How a network treats what goes through it. `hold`: nothing passes in either direction, nobody is told. */
export type NetworkMode = "pass" | "mute" | "hold" | "refuse";

/** Stands between all clients and one instance; the instance sees every client's own address. */
export class InstanceProxy {
  readonly #pairs = new Set<readonly [client: Socket, server: Socket]>();
  readonly #server: Server;
  readonly targetPort: number;
  #mode: NetworkMode = "pass";

  private constructor(targetPort: number) {
    this.targetPort = targetPort;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Listens on a free port. */
  static async open(targetPort: number): Promise<InstanceProxy> {
    const proxy = new InstanceProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on; what a silent time swallowed is gone, so the connections of that time end with it. */
  set(mode: NetworkMode): void {
    if (this.#mode === "mute" || this.#mode === "hold") this.cut();
    this.#mode = mode;
    if (mode === "refuse") this.cut();
    if (mode !== "mute" && mode !== "hold") return;
    for (const [client, server] of this.#pairs) this.#silence(client, server);
  }

  /** Ends every connection at once, without a goodbye. */
  cut(): void {
    for (const [client, server] of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    client.on("error", () => client.destroy());
    if (this.#mode === "refuse") return void client.destroy();
    const localAddress = client.remoteAddress ?? "127.0.0.1";
    const server = connect({ host: "127.0.0.1", port: this.targetPort, localAddress });
    server.on("error", () => server.destroy());
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    client.pipe(server);
    server.pipe(client);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on("close", end);
    server.on("close", end);
    if (this.#mode !== "pass") this.#silence(client, server);
  }

  #silence(client: Socket, server: Socket): void {
    server.unpipe(client);
    server.resume();
    if (this.#mode !== "hold") return;
    client.unpipe(server);
    client.resume();
  }
}
