import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { readByHead } from "./read_by_head.ts";

interface Turns {
  readonly stopReading: () => void;
  isBusy: boolean;
  /** The request that came in before the one ahead was answered. */
  next: (() => void) | null;
}

/**
 * Answers the requests of a connection one after the other: `node:http` begins all that it has read at once. No
 * browser and no proxy sends a request before it has the answer to the last; one may overtake our notice that it has
 * been sent, and waits. Whoever sends more is cut, as each would be in memory until its turn.
 */
export class RequestTurns {
  readonly #turns = new WeakMap<Socket, Turns>();

  /** Reads a new connection from now on. */
  open(socket: Socket): void {
    this.#turns.set(socket, { stopReading: readByHead(socket), isBusy: false, next: null });
  }

  /** Begins a request at once or when the one ahead has been answered. */
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

  /** Leaves the connection to another protocol; false while a request has not been answered. */
  release(socket: Socket): boolean {
    const turns = this.#turns.get(socket);
    if (turns === undefined || turns.isBusy) return false;
    turns.stopReading();
    return true;
  }
}
