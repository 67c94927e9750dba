import type { Commit, Database } from "../kv/database.ts";
import type { Feed, FeedStage, Notice, SignalRow, StoredChange } from "./feed.ts";
import { FeedHandlers } from "./feed_handlers.ts";

/** The feed of a single process: nothing is written, and handlers are called at once. */
export class LocalFeed<Change extends StoredChange = StoredChange> implements Feed<Change> {
  readonly isShared = false;
  readonly #handlers = new FeedHandlers<Change>();

  publish(notice: Notice<Change>): void {
    this.#handlers.tell(notice);
  }

  relay(row: SignalRow): Promise<void> {
    this.publish({ type: "signal", row });
    return Promise.resolve();
  }

  async commit(
    db: Database,
    commit: Commit,
    changes: readonly Change[],
    onCommitted?: (versionstamp: string) => void,
  ): Promise<string | null> {
    const versionstamp = await db.commit(commit);
    if (versionstamp === null) return null;
    onCommitted?.(versionstamp);
    for (const change of changes) this.publish({ type: "changed", change });
    return versionstamp;
  }

  rowsFor(): null {
    return null;
  }

  subscribe(stage: FeedStage, handler: (notice: Notice<Change>) => void): () => void {
    return this.#handlers.add(stage, handler);
  }
}
