import { tracked } from "@trpc/server";
import type { AppError } from "../../shared/errors.ts";
import type { Connection } from "../net/connection.ts";
import type { Item } from "./frames.ts";

/** Items that may wait for an HTTP reader before the subscription has to read history again. */
const HTTP_QUEUE_MAX_COUNT = 1_000;

/** The hub no longer has what lies between the reader and now: read history again, then go live again. */
export class GapError extends Error {
  /** Makes the error; it never reaches a client. */
  constructor() {
    super("The hub no longer holds what was published since");
    this.name = "GapError";
  }
}

/** Stands in a stream of yields for "everything from here comes from the hub"; the encoder swallows it. */
export class AttachToken {
  readonly #attach: (head: string) => void;

  /** Takes what to do when the response's head, `{"id":7`, is known. */
  constructor(attach: (head: string) => void) {
    this.#attach = attach;
  }

  /** Called by the encoder with the response that the token stands in. */
  attach(head: string): void {
    this.#attach(head);
  }
}

/** Where items of a topic go: a WebSocket's frames, or the queue of an HTTP answer. */
export interface Sink {
  readonly userId: string;
  readonly exceptOwn: boolean;
  /** Head of the responses; null for an HTTP reader. */
  readonly head: string | null;
  readonly connection: Connection | null;
  lastOffset: number;
  /** Takes items for an HTTP reader. */
  queue(items: readonly Item[]): void;
  /** Ends the wait of the generator; without an error it returns. */
  end(error?: AppError | GapError): void;
}

/** Waits until the subscription ends: by abort, or by `end`. */
export class Ending {
  readonly #settled = Promise.withResolvers<void>();
  #isSettled = false;

  /** Settles without an error when `signal` aborts. */
  constructor(signal: AbortSignal) {
    // The generator may never come to wait (it yields history first): an unwatched rejection would end the process.
    this.#settled.promise.catch(() => {});
    if (signal.aborted) this.end();
    else signal.addEventListener("abort", () => this.end(), { once: true });
  }

  /** True once ended. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Resolves at the end, or rejects with what ended it. */
  get promise(): Promise<void> {
    return this.#settled.promise;
  }

  /** Ends the wait once; later calls do nothing. */
  end(error?: Error): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    if (error === undefined) this.#settled.resolve();
    else this.#settled.reject(error);
  }
}

/** Items on their way to one HTTP reader, bounded: a full queue is a gap. */
export class ItemQueue {
  readonly #items: Item[] = [];
  #wake: (() => void) | null = null;

  /** Adds items; false when the reader is too far behind. */
  push(items: readonly Item[]): boolean {
    if (this.#items.length + items.length > HTTP_QUEUE_MAX_COUNT) return false;
    this.#items.push(...items);
    this.#wake?.();
    return true;
  }

  /** Yields items until `ending` settles; what was queued before the end is still yielded. */
  async *drain(ending: Ending): AsyncGenerator<unknown> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        yield item.position === undefined ? item.value : tracked(item.position, item.value);
        continue;
      }
      if (ending.isSettled) return await ending.promise;
      await this.#more(ending);
    }
  }

  async #more(ending: Ending): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    // How it ended is looked at by the loop.
    await Promise.race([promise, ending.promise.catch(() => {})]);
    this.#wake = null;
  }
}
