import type { Feed, Notice } from "./feed.ts";

/** The feed of a single process: nothing is written, handlers run at once and in the order of subscription. */
export class LocalFeed implements Feed {
  readonly #handlers = new Set<(notice: Notice) => void>();

  publish(notice: Notice): void {
    for (const handler of this.#handlers) handler(notice);
  }

  rowsFor(): null {
    return null;
  }

  subscribe(handler: (notice: Notice) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }
}
