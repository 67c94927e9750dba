import { EPHEMERAL_SKIP_BYTES } from "../../shared/limits.ts";
import type { Connection } from "../net/connection.ts";
import { encodeFrames, keepFrames, knownFrames } from "./frames.ts";
import type { Item } from "./frames.ts";
import type { EncodedBatch, HubStats, Sink } from "./sink.ts";

/** Writes WebSocket frames; sockets with the same head share the same bytes. */
export class SocketSink implements Sink {
  readonly #connection: Connection;
  readonly #head: string;
  readonly #stats: HubStats;

  /** `head` is the start of the response with its id, `{"id":7`. */
  constructor(connection: Connection, head: string, stats: HubStats) {
    this.#connection = connection;
    this.#head = head;
    this.#stats = stats;
  }

  get isSlow(): boolean {
    return this.#connection.bufferedBytes > EPHEMERAL_SKIP_BYTES;
  }

  write(items: readonly Item[], batch: EncodedBatch | null): boolean {
    const head = this.#head;
    let frames = batch === null ? knownFrames(head, items) : batch.get(head);
    if (frames === undefined) {
      frames = encodeFrames(head, items);
      this.#stats.encodes++;
      if (batch === null) keepFrames(head, items, frames);
      else batch.set(head, frames);
    }
    this.#stats.deliveries += items.length;
    this.#stats.writes++;
    this.#connection.writeFrames(frames);
    return true;
  }

  drained(): Promise<void> {
    return this.#connection.drained();
  }
}
