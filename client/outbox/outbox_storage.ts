import type { RoomId, UserId } from "../../shared/ids.ts";

/** A message that the server has not acknowledged yet. */
export interface OutboxItem {
  readonly clientMessageId: string;
  readonly userId: UserId;
  readonly roomId: RoomId;
  readonly text: string;
  readonly replyTo: number | null;
  /** When it was written, ISO; shown as the row's time. */
  readonly at: string;
  /** Increases with each item of the user, across all tabs. */
  readonly order: number;
  /** Null while it waits; otherwise why the server refused it. */
  readonly problem: string | null;
}

/** Where the outbox stores its items. */
export interface OutboxStorage {
  /** False if items are lost with the page. */
  readonly isDurable: boolean;
  /** Returns all items of a user, in order. */
  list(userId: UserId): Promise<OutboxItem[]>;
  put(item: OutboxItem): Promise<void>;
  remove(clientMessageId: string): Promise<void>;
  close(): void;
}

/** Stores items in memory: for tests, and for browsers that store nothing. */
export class MemoryOutboxStorage implements OutboxStorage {
  readonly isDurable = false;
  readonly #items = new Map<string, OutboxItem>();

  /** Returns all items of a user, in order. */
  list(userId: UserId): Promise<OutboxItem[]> {
    const own = [...this.#items.values()].filter((item) => item.userId === userId);
    return Promise.resolve(own.sort((a, b) => a.order - b.order));
  }

  /** Stores an item, or replaces the one with its id. */
  put(item: OutboxItem): Promise<void> {
    this.#items.set(item.clientMessageId, item);
    return Promise.resolve();
  }

  /** Removes an item. */
  remove(clientMessageId: string): Promise<void> {
    this.#items.delete(clientMessageId);
    return Promise.resolve();
  }

  /** Does nothing. */
  close(): void {}
}
