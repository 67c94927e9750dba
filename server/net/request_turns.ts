import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

interface Turns {
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

  /** Begins a request at once or when the one ahead has been answered. */
  take({ socket }: IncomingMessage, response: ServerResponse, begin: () => void): void {
    // What stood behind the request for which it was cut is still given to us.
    if (socket.destroyed) return;
    const turns = this.#turnsOf(socket);
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

  /** True while a request of the connection has not been answered. */
  isBusy(socket: Socket): boolean {
    return this.#turns.get(socket)?.isBusy ?? false;
  }

  #turnsOf(socket: Socket): Turns {
    let turns = this.#turns.get(socket);
    if (turns === undefined) {
      turns = { isBusy: false, next: null };
      this.#turns.set(socket, turns);
    }
    return turns;
  }
}
