import type { FeedStage, Notice, StoredChange } from "./feed.ts";

/** The handlers of a feed, called stage by stage. */
export class FeedHandlers<Change extends StoredChange> {
  readonly #stages: Readonly<Record<FeedStage, Set<(notice: Notice<Change>) => void>>> = {
    cache: new Set(),
    view: new Set(),
    deliver: new Set(),
  };

  /** Adds a handler to the end of its stage, until the returned function is called. */
  add(stage: FeedStage, handler: (notice: Notice<Change>) => void): () => void {
    this.#stages[stage].add(handler);
    return () => this.#stages[stage].delete(handler);
  }

  /** Calls all handlers, stage by stage. */
  tell(notice: Notice<Change>): void {
    const { cache, view, deliver } = this.#stages;
    for (const handlers of [cache, view, deliver]) for (const handler of handlers) handler(notice);
  }
}
