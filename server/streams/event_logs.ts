import type { CommitQueue } from "../kv/commit_queue.ts";
import type { Database } from "../kv/database.ts";
import type { StreamPointer } from "../kv/pointer_rows.ts";
import { EventLog } from "./event_log.ts";
import type { Feed } from "./feed.ts";
import type { StreamKind, StreamTypes } from "./stream_kind.ts";

export interface EventLogsOptions {
  readonly db: Database;
  /** Writes what all streams of the database append. */
  readonly commits: CommitQueue;
  readonly feed: Feed;
  /** Random id, new after a restore. */
  readonly epoch: string;
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
}

interface Opened {
  readonly kind: StreamKind<StreamTypes>;
  observe(pointer: StreamPointer, versionstamp: string, isOwn: boolean): Promise<void>;
  drained(): Promise<void>;
}

/** The logs of one database, one for each kind of stream. */
export class EventLogs {
  readonly #options: EventLogsOptions;
  readonly #byKind = new Map<string, Opened>();

  constructor(options: EventLogsOptions) {
    this.#options = options;
  }

  /** Opens the log of a kind. Call it before the feed brings what other instances append. */
  open<T extends StreamTypes>(kind: StreamKind<T>): EventLog<T> {
    const { name } = kind;
    if (this.#byKind.has(name)) throw new TypeError(`Cannot open the log of "${name}": it is open already`);
    const log = new EventLog<T>({ ...this.#options, kind });
    this.#byKind.set(name, {
      kind,
      observe: (...heard) => log.observe(...heard),
      drained: () => log.drained(),
    });
    return log;
  }

  /** Finds a kind by its name; null for one that is not open here. */
  kindOf(name: string): StreamKind<StreamTypes> | null {
    return this.#byKind.get(name)?.kind ?? null;
  }

  /** Passes an append from the feed to its log; ignores kinds of a newer version. */
  async observe(pointer: StreamPointer, versionstamp: string, isOwn: boolean): Promise<void> {
    await this.#byKind.get(pointer.kind)?.observe(pointer, versionstamp, isOwn);
  }

  /** Resolves when nothing waits to be committed. */
  async drained(): Promise<void> {
    await Promise.all([...this.#byKind.values()].map((log) => log.drained()));
  }
}
