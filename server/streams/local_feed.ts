import type { Commit, Database } from "../kv/database.ts";
import type { ChangeNotice, Feed, Notice } from "./feed.ts";

/** The feed of a single process: nothing is written, handlers run at once and in the order of subscription. */
export class LocalFeed implements Feed {
  readonly isShared = false;
  readonly #handlers = new Set<(notice: Notice) => void>();

  publish(notice: Notice): void {
    for (const handler of this.#handlers) handler(notice);
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

  subscribe(handler: (notice: Notice) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }
}
