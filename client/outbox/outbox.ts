import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { SEND_RATE } from "../../shared/limits.ts";
import type { Message } from "../../shared/message.ts";
import { backoffMs } from "../net/backoff.ts";
import { readWireError } from "../net/wire_error.ts";
import { readFailure } from "../ui/failure.ts";
import type { OutboxItem, OutboxStorage } from "./outbox_storage.ts";
import type { OutboxTabs } from "./outbox_tabs.ts";
import { RETRY_MARGIN_MS } from "./retry_margin.ts";

/** Options of `Outbox`. */
export interface OutboxOptions {
  readonly userId: UserId;
  readonly storage: OutboxStorage;
  readonly send: (item: OutboxItem) => Promise<Message>;
  readonly isOpen: ReadonlySignal<boolean>;
  /** The server has stored the message; called before the item is removed. */
  readonly onStored: (item: OutboxItem, message: Message) => void;
  readonly onNotice: (text: string) => void;
  readonly tabs: OutboxTabs;
  readonly now?: () => number;
}

const PUT_PATIENCE_MS = 500;
const NOT_STORED = "This browser could not store the message. Keep the tab open until it is sent.";

/** Messages that are being sent, in the order in which they were written. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #now: () => number;
  readonly #items = signal<readonly OutboxItem[]>([]);
  /** Items that are not stored yet; reading the storage must not drop them. */
  readonly #unsaved = new Map<string, OutboxItem>();
  /** Items that are being stored. */
  readonly #puts = new Map<string, Promise<unknown>>();
  /** Sent or discarded items, while a read or a late write could bring them back. */
  readonly #done = new Set<string>();
  #reading: Promise<void> | null = null;
  readonly #stops: (() => void)[];
  #isDraining = false;
  #isDisposed = false;
  /** The session has ended: nothing is sent until the connection opens again. */
  #isHeld = false;
  readonly #pauses = new Set<() => void>();

  /** Items that wait or have failed, in order. */
  readonly items: ReadonlySignal<readonly OutboxItem[]> = this.#items;
  /** How many items wait, without failed ones. */
  readonly waitingCount: ReadonlySignal<number> = computed(() =>
    this.#items.value.filter((item) => item.problem === null).length
  );

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#stops = [
      options.tabs.onTold(() => void this.#reload().then(() => this.#drain())),
      effect(() => {
        if (!options.isOpen.value) return;
        this.#isHeld = false;
        queueMicrotask(() => void this.#drain());
      }),
      effect(() => {
        if (!options.isOpen.value && this.waitingCount.value > 0) untracked(() => this.#warn());
      }),
    ];
    void this.#reload().then(() => this.#drain());
  }

  /** Adds a message: it is shown, stored and sent. */
  add(input: { roomId: RoomId; text: string; replyTo: number | null }): OutboxItem {
    const item: OutboxItem = {
      ...input,
      clientMessageId: crypto.randomUUID(),
      userId: this.#options.userId,
      at: new Date(this.#now()).toISOString(),
      order: this.#nextOrder(),
      problem: null,
    };
    this.#save(item);
    return item;
  }

  /** Sends a failed message again, after those that already wait. */
  retry(clientMessageId: string): void {
    const item = this.#find(clientMessageId);
    if (item === undefined || item.problem === null) return;
    this.#save({ ...item, order: this.#nextOrder(), problem: null });
  }

  /** Removes a message, sent or not, and returns it. */
  discard(clientMessageId: string): OutboxItem | null {
    const item = this.#find(clientMessageId);
    this.#remove(clientMessageId);
    return item ?? null;
  }

  /** The message's event has arrived, so the server has stored it, even if the answer was lost. */
  confirm(clientMessageId: string): void {
    if (this.#find(clientMessageId) !== undefined) this.#remove(clientMessageId);
  }

  /** Stops sending; waiting items stay stored. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const stop of this.#stops) stop();
    for (const end of [...this.#pauses]) end();
    this.#options.storage.close();
  }

  #find(clientMessageId: string): OutboxItem | undefined {
    return this.#items.value.find((item) => item.clientMessageId === clientMessageId);
  }

  #nextOrder(): number {
    return Math.max(this.#now(), (this.#items.value.at(-1)?.order ?? 0) + 1);
  }

  #save(item: OutboxItem): void {
    const id = item.clientMessageId;
    this.#unsaved.set(id, item);
    this.#show([...this.#items.value.filter((other) => other.clientMessageId !== id), item]);
    const stored = this.#store(item);
    const puts = Promise.all([this.#puts.get(id), stored]);
    this.#puts.set(id, puts);
    void puts.then(() => this.#puts.get(id) === puts && this.#puts.delete(id));
    // A storage that hangs must not keep messages from being sent.
    const patience = this.#pause(PUT_PATIENCE_MS);
    void stored.then(patience.end);
    void patience.ended.then(() => this.#drain());
  }

  async #store(item: OutboxItem): Promise<void> {
    const id = item.clientMessageId;
    try {
      await this.#options.storage.put(item);
      // A read that started before does not include the item.
      while (this.#reading !== null) await this.#reading;
      if (this.#unsaved.get(id) === item) this.#unsaved.delete(id);
      // Sent in the meantime: the removal came first and found nothing.
      if (this.#done.has(id)) await this.#options.storage.remove(id);
      this.#options.tabs.tell();
    } catch {
      this.#options.onNotice(NOT_STORED);
    }
  }

  /** Warns that waiting messages are lost with the tab, if the storage is not durable. */
  #warn(): void {
    if (!this.#options.storage.isDurable) this.#options.onNotice(NOT_STORED);
  }

  #remove(clientMessageId: string): void {
    this.#done.add(clientMessageId);
    this.#unsaved.delete(clientMessageId);
    this.#show(this.#items.value.filter((item) => item.clientMessageId !== clientMessageId));
    // An item that cannot be removed is sent again after a reload, and the server recognizes its id.
    this.#options.storage.remove(clientMessageId).then(() => {
      this.#options.tabs.tell();
      void this.#forgetDone(clientMessageId);
    }, () => {});
  }

  /** The item was removed from the storage: after the current reads and writes, nothing can bring it back. */
  async #forgetDone(clientMessageId: string): Promise<void> {
    await this.#puts.get(clientMessageId);
    while (this.#reading !== null) await this.#reading;
    this.#done.delete(clientMessageId);
  }

  #show(items: readonly OutboxItem[]): void {
    this.#items.value = items.toSorted((a, b) => a.order - b.order);
  }

  /** Reads the storage, one read after the other. */
  #reload(): Promise<void> {
    const reading: Promise<void> = (this.#reading ?? Promise.resolve()).then(() => this.#readStorage()).then(
      () => {
        if (this.#reading === reading) this.#reading = null;
      },
    );
    this.#reading = reading;
    return reading;
  }

  async #readStorage(): Promise<void> {
    if (this.#isDisposed) return;
    const stored = await this.#options.storage.list(this.#options.userId).catch(() => null);
    // If the storage cannot be read, keep the known items.
    if (this.#isDisposed || stored === null) return;
    const items = new Map(stored.map((item) => [item.clientMessageId, item]));
    for (const item of this.#unsaved.values()) items.set(item.clientMessageId, item);
    // Keep equal objects, so that their rows do not change.
    const known = this.#items.value;
    this.#show(
      [...items.values()].filter((item) => !this.#done.has(item.clientMessageId)).map((item) =>
        known.find((old) => isSameItem(old, item)) ?? item
      ),
    );
  }

  async #drain(): Promise<void> {
    if (this.#isDraining || !this.#canSend() || this.#nextItem() === undefined) return;
    this.#isDraining = true;
    try {
      await this.#options.tabs.exclusively(async () => {
        // Another tab may have sent some of them while this one waited.
        await this.#reload();
        await this.#sendAll();
      });
    } finally {
      this.#isDraining = false;
    }
    // An item may have been added after the last check.
    if (this.#canSend() && this.#nextItem() !== undefined) void this.#drain();
  }

  #canSend(): boolean {
    return !this.#isDisposed && !this.#isHeld && this.#options.isOpen.peek();
  }

  #nextItem(): OutboxItem | undefined {
    return this.#items.value.find((item) => item.problem === null);
  }

  async #sendAll(): Promise<void> {
    let failedCount = 0;
    let paceMs = 0;
    const startedAt = this.#now();
    while (this.#canSend()) {
      const item = this.#nextItem();
      if (item === undefined) return;
      try {
        const message = await this.#options.send(item);
        batch(() => {
          this.#options.onStored(item, message);
          this.#remove(item.clientMessageId);
        });
        failedCount = 0;
        if (paceMs > 0) await this.#pause(paceMs).ended;
      } catch (error) {
        const { appCode, isRetryable, retryAfterMs } = readWireError(error);
        // The session has ended; the messages are still there after the next sign-in.
        if (appCode === "unauthenticated") {
          this.#isHeld = true;
          return;
        }
        if (!isRetryable) {
          this.#save({ ...item, problem: readFailure(error).text });
          continue;
        }
        this.#warn();
        if (appCode === "rate_limited") paceMs = 1_000 / SEND_RATE.perSecond;
        const lostForMs = this.#now() - startedAt;
        const ms = retryAfterMs > 0
          ? retryAfterMs + RETRY_MARGIN_MS
          : backoffMs({ failedCount: failedCount++, lostForMs });
        await this.#pause(ms).ended;
      }
    }
  }

  /** A pause that `end` and the end of the outbox cut short. */
  #pause(ms: number): { readonly ended: Promise<void>; readonly end: () => void } {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = () => {
      clearTimeout(timer);
      this.#pauses.delete(end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    this.#pauses.add(end);
    return { ended, end };
  }
}

function isSameItem(a: OutboxItem, b: OutboxItem): boolean {
  return a.clientMessageId === b.clientMessageId && a.order === b.order && a.problem === b.problem;
}
