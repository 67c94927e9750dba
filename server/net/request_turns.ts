import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { readByHead } from "./read_by_head.ts";

interface Turns {
  readonly stopReading: () => void;
  isBusy: boolean;
  /** A request that arrived before the previous one was answered. */
  next: (() => void) | null;
}

/**
 * Answers the requests of a connection one after the other; `node:http` would start all of them at once. Browsers
 * and proxies only send a request after the previous answer. One may arrive before we learn that the answer was
 * sent, so one waits; a further one closes the connection, since each would stay in memory until its turn.
 */
export class RequestTurns {
  readonly #turns = new WeakMap<Socket, Turns>();

  /** Starts handling a new connection. */
  open(socket: Socket): void {
    this.#turns.set(socket, { stopReading: readByHead(socket), isBusy: false, next: null });
  }

  /** Starts a request, now or when the previous one has been answered. */
  take({ socket }: IncomingMessage, response: ServerResponse, begin: () => void): void {
    const turns = this.#turns.get(socket);
    if (turns === undefined || socket.destroyed) return;
    if (turns.next !== null) return void socket.destroy();
    const start = () => {
      turns.isBusy = true;
      response.once("close", () => {
        turns.isBusy = false;
        const { next } = turns;
        turns.next = null;
        if (!socket.destroyed) next?.();
      });
      begin();
    };
    if (turns.isBusy) turns.next = start;
    else start();
  }

  /** Hands the connection to another protocol; false if a request has not been answered yet. */
  release(socket: Socket): boolean {
    const turns = this.#turns.get(socket);
    if (turns === undefined || turns.isBusy) return false;
    turns.stopReading();
    return true;
  }
}
