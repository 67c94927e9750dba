import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { isIP } from "node:net";
import { limitSubject, plainAddress } from "./address.ts";
import { RateLimiter } from "./rate_limit.ts";
import { answerBinding } from "./stun_binding.ts";

/**
 * Requests that an address gets answers to. Browsers repeat one every 10 s for each connection of a call, and many
 * people may share an address.
 */
export const STUN_RATE = { perSecond: 50, burst: 500 } as const;

export interface StunServerOptions {
  /** Addresses of this machine; `0.0.0.0` and `::` stand for all of a family. */
  readonly hosts: readonly string[];
  /** 0 picks a free one for each address. */
  readonly port: number;
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
}

/** Tells whoever asks by UDP which address the request came from (RFC 8489), and nothing else. */
export class StunServer implements AsyncDisposable {
  readonly #limits: RateLimiter;
  readonly #sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[], now: () => number) {
    this.#sockets = sockets;
    this.#limits = new RateLimiter({ now });
    for (const socket of sockets) {
      socket.on("message", (datagram, { address, port }) => this.#answer(socket, datagram, address, port));
      // Nobody waits for what could not be sent, and the next datagram may go through.
      socket.on("error", () => {});
    }
  }

  /** Opens the sockets. Of several hosts, those of a family that this machine does not have are left out. */
  static async open({ hosts, port, now = Date.now }: StunServerOptions): Promise<StunServer> {
    const opened = await Promise.allSettled(hosts.map((host) => bind(host, port)));
    const sockets = opened.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
    const errors = opened.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
    const failed = errors.find((error) => sockets.length === 0 || !isMissingFamily(error));
    if (failed === undefined) return new StunServer(sockets, now);
    for (const socket of sockets) socket.close();
    throw failed;
  }

  /** Where it listens, such as `192.0.2.1:3478`. */
  get addresses(): readonly string[] {
    return this.#sockets.map((socket) => {
      const { address, port } = socket.address();
      return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.close(() => resolve());
      return promise;
    }));
  }

  #answer(socket: Socket, datagram: Uint8Array, sender: string, port: number): void {
    const address = plainAddress(sender);
    // Nothing can be sent to port 0, which only a forged datagram comes from.
    if (port === 0 || this.#limits.tryTake("stun", limitSubject(address), STUN_RATE) > 0) return;
    const answer = answerBinding(datagram, { address, port });
    if (answer !== null) socket.send(answer, port, sender, () => {});
  }
}

function bind(host: string, port: number): Promise<Socket> {
  const isV6 = isIP(host) === 6;
  const socket = createSocket({ type: isV6 ? "udp6" : "udp4", ipv6Only: isV6 });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.once("error", (error) => {
    socket.close();
    reject(error);
  });
  socket.bind(port, host, () => {
    socket.removeAllListeners("error");
    resolve(socket);
  });
  return promise;
}

function isMissingFamily(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT");
}
