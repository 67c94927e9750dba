import type { ReadonlySignal } from "@preact/signals";
import type { Message } from "../../shared/message.ts";
import { backoffMs } from "../net/backoff.ts";
import type { Inputs, Outputs } from "../net/trpc.ts";
import { pauseUntilOpen } from "../net/wait.ts";
import { readWireError } from "../net/wire_error.ts";

/** Which page: at most one of `before`, `after` and `around`; the last one without them. */
export type PageRange = Omit<Inputs["messages"]["list"], "roomId">;
/** One page of messages, oldest first. */
export type MessagePage = Outputs["messages"]["list"];
/** Asks the server for a page. */
export type QueryPage = (place: PageRange, signal: AbortSignal) => Promise<MessagePage>;

/** Reads pages, and tries again where this may help. */
export class PageReader {
  readonly #query: QueryPage;
  readonly #isOpen: ReadonlySignal<boolean>;

  constructor(query: QueryPage, isOpen: ReadonlySignal<boolean>) {
    this.#query = query;
    this.#isOpen = isOpen;
  }

  /** Reads one page, again and again while the failure may be temporary; throws if it is not, or when aborted. */
  async read(place: PageRange, signal: AbortSignal): Promise<MessagePage> {
    for (let failedCount = 0;; failedCount++) {
      try {
        const page = await this.#query(place, signal);
        signal.throwIfAborted();
        return page;
      } catch (error) {
        signal.throwIfAborted();
        const { isRetryable, retryAfterMs } = readWireError(error);
        if (!isRetryable) throw error;
        await pauseUntilOpen(this.#isOpen, retryAfterMs + backoffMs({ failedCount, lostForMs: 0 }), signal);
      }
    }
  }

  /** Reads a single message; null if there is none at that offset. */
  async readOne(offset: number, signal: AbortSignal): Promise<Message | null> {
    const page = await this.read({ around: offset, limit: 1 }, signal);
    return page.messages.find((message) => message.offset === offset) ?? null;
  }
}
