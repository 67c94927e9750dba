import type { Socket } from "node:net";
import {
  HTTP_CONNECTIONS_PER_ADDRESS_COUNT,
  HTTP_CONNECTIONS_PER_NETWORK_COUNT,
} from "../../shared/limits.ts";
import { limitSubjects, plainAddress } from "./address.ts";
import type { AddressRanges } from "./address.ts";

export interface ConnectionShareOptions {
  /** Proxies; their connections are not counted, because everyone comes through them. */
  readonly trusted: AddressRanges;
  /** Tests may lower the limits. */
  readonly perAddressCount?: number;
  readonly perNetworkCount?: number;
}

/** Keeps one address, or the networks of one customer, from taking all TCP connections of this process. */
export class ConnectionShare {
  readonly #trusted: AddressRanges;
  readonly #perAddressCount: number;
  readonly #perNetworkCount: number;
  readonly #counts = new Map<string, number>();

  constructor(options: ConnectionShareOptions) {
    this.#trusted = options.trusted;
    this.#perAddressCount = options.perAddressCount ?? HTTP_CONNECTIONS_PER_ADDRESS_COUNT;
    this.#perNetworkCount = options.perNetworkCount ?? HTTP_CONNECTIONS_PER_NETWORK_COUNT;
  }

  /** Counts a connection until it closes; false if its address has too many. */
  take(socket: Pick<Socket, "remoteAddress" | "once">): boolean {
    const peer = plainAddress(socket.remoteAddress ?? "");
    if (this.#trusted.has(peer)) return true;
    const subjects = limitSubjects(peer);
    const isFull = subjects.some((subject, index) => {
      const maxCount = index === 0 ? this.#perAddressCount : this.#perNetworkCount;
      return (this.#counts.get(subject) ?? 0) >= maxCount;
    });
    if (isFull) return false;
    for (const subject of subjects) this.#add(subject, 1);
    socket.once("close", () => {
      for (const subject of subjects) this.#add(subject, -1);
    });
    return true;
  }

  #add(subject: string, change: 1 | -1): void {
    const count = (this.#counts.get(subject) ?? 0) + change;
    if (count === 0) this.#counts.delete(subject);
    else this.#counts.set(subject, count);
  }
}
