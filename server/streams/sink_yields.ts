import type { Connection } from "../net/connection.ts";
import type { Ending } from "./ending.ts";
import { QueueSink } from "./queue_sink.ts";
import type { HubStats, Sink } from "./sink.ts";
import { SocketSink } from "./socket_sink.ts";

/** Yielded by a subscription to say that the hub writes all further items; the encoder does not send it. */
export class AttachToken {
  readonly #attach: (head: string) => void;

  /** `attach` is called once the response's head, `{"id":7`, is known. */
  constructor(attach: (head: string) => void) {
    this.#attach = attach;
  }

  /** Called by the encoder with the head of the token's response. */
  attach(head: string): void {
    this.#attach(head);
  }
}

export interface YieldOptions {
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly ending: Ending;
  readonly stats: HubStats;
  /** Receives the sink once it can be written to. */
  readonly attach: (sink: Sink) => void;
}

/** Yields a sink's items to tRPC's handler: one attach token on WebSocket, values over HTTP. */
export async function* yieldFrom<T>({ connection, ending, stats, attach }: YieldOptions): AsyncGenerator<T> {
  if (connection === null) {
    const sink = new QueueSink(stats);
    attach(sink);
    yield* sink.drain(ending) as AsyncGenerator<T>;
    return;
  }
  yield new AttachToken((head) => attach(new SocketSink(connection, head, stats))) as T;
  await ending.promise;
}
