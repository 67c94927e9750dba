import { signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Message } from "../../shared/message.ts";

const QUOTES_MAX_COUNT = 300;

/** Messages that are quoted in replies, wherever in the history they are; each is fetched once. */
export class Quotes {
  readonly #fetch: (offset: number) => Promise<Message | null>;
  readonly #byOffset = new Map<number, Signal<Message | null | undefined>>();

  constructor(fetch: (offset: number) => Promise<Message | null>) {
    this.#fetch = fetch;
  }

  /** Returns the message at `offset`: undefined while it loads, null if it does not exist. */
  get(offset: number, known: Message | null): ReadonlySignal<Message | null | undefined> {
    const before = this.#byOffset.get(offset);
    if (before !== undefined) return before;
    const quote = signal<Message | null | undefined>(known ?? undefined);
    this.#byOffset.set(offset, quote);
    if (this.#byOffset.size > QUOTES_MAX_COUNT) this.#forgetOldest();
    if (known === null) this.#load(offset, quote);
    return quote;
  }

  /** Updates the quotes of a message that has changed. */
  apply(message: Message): void {
    const quote = this.#byOffset.get(message.offset);
    if (quote !== undefined) quote.value = message;
  }

  #load(offset: number, quote: Signal<Message | null | undefined>): void {
    this.#fetch(offset).then((message) => {
      if (quote.peek() === undefined) quote.value = message;
    }, () => {
      // Fetched again when the row is rendered next.
      if (this.#byOffset.get(offset) === quote) this.#byOffset.delete(offset);
    });
  }

  #forgetOldest(): void {
    for (const offset of this.#byOffset.keys()) {
      this.#byOffset.delete(offset);
      return;
    }
  }
}
