import type { Connection } from "../net/connection.ts";
import type { Ending } from "./ending.ts";
import { QueueSink } from "./queue_sink.ts";
import type { HubStats, Sink } from "./sink.ts";
import { SocketSink } from "./socket_sink.ts";

/** Stands in a stream of yields for "everything from here comes from the hub"; the encoder swallows it. */
export class AttachToken {
  readonly #attach: (head: string) => void;

  /** Takes what to do when the response's head, `{"id":7`, is known. */
  constructor(attach: (head: string) => void) {
    this.#attach = attach;
  }

  /** Called by the encoder with the response that the token stands in. */
  attach(head: string): void {
    this.#attach(head);
  }
}

/** Who is written to, and how. */
export interface YieldOptions {
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly ending: Ending;
  readonly stats: HubStats;
  /** Takes the sink once it can be written to. */
  readonly attach: (sink: Sink) => void;
}

/** Yields for tRPC's handler what a sink is given: on WebSocket one attach token, over HTTP the values. */
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
