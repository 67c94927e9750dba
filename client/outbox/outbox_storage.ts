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
  /** Grows with each item of this person, over all tabs. */
  readonly order: number;
  /** Null while it waits; otherwise why the server does not take it. */
  readonly problem: string | null;
}

/** Where the outbox keeps its items over a reload. */
export interface OutboxStorage {
  /** False when nothing outlives the page. */
  readonly isDurable: boolean;
  /** All items of a person in their order. */
  list(userId: UserId): Promise<OutboxItem[]>;
  put(item: OutboxItem): Promise<void>;
  remove(clientMessageId: string): Promise<void>;
  close(): void;
}

/** Keeps the items in memory: for tests, and where the browser keeps nothing. */
export class MemoryOutboxStorage implements OutboxStorage {
  readonly isDurable = false;
  readonly #items = new Map<string, OutboxItem>();

  /** All items of a person in their order. */
  list(userId: UserId): Promise<OutboxItem[]> {
    const own = [...this.#items.values()].filter((item) => item.userId === userId);
    return Promise.resolve(own.sort((a, b) => a.order - b.order));
  }

  /** Stores an item, or replaces the one with its id. */
  put(item: OutboxItem): Promise<void> {
    this.#items.set(item.clientMessageId, item);
    return Promise.resolve();
  }

  /** Forgets an item. */
  remove(clientMessageId: string): Promise<void> {
    this.#items.delete(clientMessageId);
    return Promise.resolve();
  }

  /** Nothing to close. */
  close(): void {}
}
