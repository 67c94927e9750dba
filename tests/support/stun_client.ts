import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { isIP } from "node:net";

/** How long a server may take on a busy machine. */
const ANSWER_TIMEOUT_MS = 10_000;

/** A UDP socket that speaks to one server. */
export class StunClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #server: { readonly host: string; readonly port: number };
  readonly #received: Uint8Array[] = [];
  #wake: (() => void) | null = null;

  private constructor(socket: Socket, server: { host: string; port: number }) {
    this.#socket = socket;
    this.#server = server;
    socket.on("message", (datagram) => {
      this.#received.push(Uint8Array.from(datagram));
      this.#wake?.();
    });
  }

  /** Binds a port of its own. */
  static async open(host: string, port: number, localAddress?: string): Promise<StunClient> {
    const socket = createSocket(isIP(host) === 6 ? "udp6" : "udp4");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("error", reject);
    socket.bind(0, localAddress ?? host, resolve);
    await promise;
    return new StunClient(socket, { host, port });
  }

  /** Its own address, which the server should name. */
  get address(): { readonly address: string; readonly port: number } {
    const { address, port } = this.#socket.address();
    return { address, port };
  }

  /** How many datagrams have come in that `next` has not returned. */
  get waitingCount(): number {
    return this.#received.length;
  }

  async send(datagram: Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { host, port } = this.#server;
    this.#socket.send(datagram, port, host, (error) => error ? reject(error) : resolve());
    await promise;
  }

  /** The next datagram that comes in. */
  async next(): Promise<Uint8Array> {
    for (;;) {
      const datagram = this.#received.shift();
      if (datagram !== undefined) return datagram;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(() => reject(new Error("No answer by UDP")), ANSWER_TIMEOUT_MS);
      await promise.finally(() => clearTimeout(timer));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.close(() => resolve());
    await promise;
  }
}

/** Whether this machine has the loopback address of IPv6. */
export function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
