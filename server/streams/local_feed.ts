import type { Commit, Database } from "../kv/database.ts";
import type { ChangeNotice, Feed, FeedStage, Notice } from "./feed.ts";
import { FeedHandlers } from "./feed_handlers.ts";

/** The feed of a single process: nothing is written, handlers run at once, stage by stage. */
export class LocalFeed implements Feed {
  readonly isShared = false;
  readonly #handlers = new FeedHandlers();

  publish(notice: Notice): void {
    this.#handlers.tell(notice);
  }

  async commit(
    db: Database,
    commit: Commit,
    notices: readonly ChangeNotice[],
    onCommitted?: (versionstamp: string) => void,
  ): Promise<string | null> {
    const versionstamp = await db.commit(commit);
    if (versionstamp === null) return null;
    onCommitted?.(versionstamp);
    for (const notice of notices) this.publish(notice);
    return versionstamp;
  }

  rowsFor(): null {
    return null;
  }

  subscribe(stage: FeedStage, handler: (notice: Notice) => void): () => void {
    return this.#handlers.add(stage, handler);
  }
}
