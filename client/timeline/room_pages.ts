import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { backoffMs } from "../net/backoff.ts";
import type { Inputs, Trpc } from "../net/trpc.ts";
import { readWireError } from "../net/wire_error.ts";
import type { MessagePage } from "./room_log.ts";

/** Where a page lies: at most one of `before`, `after`, `around`; without them at the end. */
export type PagePlace = Omit<Inputs["messages"]["list"], "roomId">;

/** Reads pages of one room's history, and does not give up where trying again may help. */
export class RoomPages {
  readonly #api: Pick<Trpc["messages"], "list">;
  readonly #roomId: RoomId;
  readonly #isOpen: ReadonlySignal<boolean>;

  constructor(
    options: { api: Pick<Trpc["messages"], "list">; roomId: RoomId; isOpen: ReadonlySignal<boolean> },
  ) {
    this.#api = options.api;
    this.#roomId = options.roomId;
    this.#isOpen = options.isOpen;
  }

  /** Reads one page, again and again while the failure may pass; throws when it will not, or when aborted. */
  async read(place: PagePlace, signal: AbortSignal): Promise<MessagePage> {
    for (let failedCount = 0;; failedCount++) {
      try {
        const page = await this.#api.list.query({ roomId: this.#roomId, ...place }, { signal });
        signal.throwIfAborted();
        return page;
      } catch (error) {
        signal.throwIfAborted();
        const { isRetryable, retryAfterMs } = readWireError(error);
        if (!isRetryable) throw error;
        await pause(retryAfterMs + backoffMs({ failedCount, lostForMs: 0 }), signal);
        await whenTrue(this.#isOpen, signal);
      }
    }
  }

  /** Reads a single message; null when there is none at that offset. */
  async readOne(offset: number, signal: AbortSignal): Promise<Message | null> {
    const page = await this.read({ around: offset, limit: 1 }, signal);
    return page.messages.find((message) => message.offset === offset) ?? null;
  }
}

function whenTrue(flag: ReadonlySignal<boolean>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let stop = () => {};
    const end = (settle: () => void) => {
      stop();
      signal.removeEventListener("abort", fail);
      settle();
    };
    const fail = () => end(() => reject(signal.reason));
    signal.addEventListener("abort", fail, { once: true });
    // The first call comes before `subscribe` has given what ends it.
    stop = flag.subscribe((isTrue) => isTrue && queueMicrotask(() => end(resolve)));
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", fail);
      resolve();
    }, ms);
    signal.addEventListener("abort", fail, { once: true });
  });
}
