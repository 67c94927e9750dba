import type { EventLogOptions, StreamHead } from "./event_log.ts";
import type { StreamTypes } from "./stream_kind.ts";

/** Maximum number of missed events that are published. */
const RECOVER_MAX_COUNT = 1_000;

/** Gives the events of one stream to the feed, each once and in order. */
export class StreamPublisher<T extends StreamTypes> {
  readonly #streamId: T["id"];
  readonly #options: Required<EventLogOptions<T>>;
  /** Last offset given to the feed; null until it is known where to start. */
  #published: number | null = null;

  /** Created by the writer of the stream. */
  constructor(streamId: T["id"], options: Required<EventLogOptions<T>>) {
    this.#streamId = streamId;
    this.#options = options;
  }

  /** Whether it is known up to where events were published. */
  get isStarted(): boolean {
    return this.#published !== null;
  }

  /** Whether the event at an offset was published. */
  hasPublished(offset: number): boolean {
    return this.#published !== null && this.#published >= offset;
  }

  /** Starts after an offset, unless it has started. */
  startAfter(offset: number): void {
    this.#published ??= offset;
  }

  /** Publishes the next events. `messageCount` is that of the head after them. */
  publish(events: readonly T["event"][], messageCount: number, isMoreComing = false): void {
    this.#published = events.at(-1)?.offset ?? this.#published;
    const { feed, kind: { name: kind } } = this.#options;
    feed.publish({ type: "committed", kind, streamId: this.#streamId, events, messageCount, isMoreComing });
  }

  /** Reads and publishes events up to `head`: of other instances, or of own commits with an unknown outcome. */
  async publishMissed(head: StreamHead): Promise<void> {
    const { db, kind } = this.#options;
    const id = this.#streamId;
    if (this.#published === null || this.#published >= head.offset) return;
    const entries = await db.list<T["row"]>(kind.keys.rows(id), {
      start: kind.keys.row(id, this.#published + 1),
      // No further than the head, because its message count is published with the events.
      end: kind.keys.row(id, head.offset + 1),
      limit: RECOVER_MAX_COUNT,
    });
    const rows = entries.map((entry) => ({ offset: Number(entry.key.at(-1)), row: entry.value }));
    this.publish(await kind.materialize(id, rows), head.messageCount);
  }
}
