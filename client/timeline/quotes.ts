import { signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Message } from "../../shared/message.ts";

const QUOTES_MAX_COUNT = 300;

/** Messages that replies quote, wherever in the history they are; each is asked for once. */
export class Quotes {
  readonly #fetch: (offset: number) => Promise<Message | null>;
  readonly #byOffset = new Map<number, Signal<Message | null | undefined>>();

  constructor(fetch: (offset: number) => Promise<Message | null>) {
    this.#fetch = fetch;
  }

  /** Gives the message at `offset`: undefined while it loads, null when it is not there. */
  get(offset: number, known: Message | null): ReadonlySignal<Message | null | undefined> {
    const before = this.#byOffset.get(offset);
    if (before !== undefined) return before;
    const quote = signal<Message | null | undefined>(known ?? undefined);
    this.#byOffset.set(offset, quote);
    if (this.#byOffset.size > QUOTES_MAX_COUNT) this.#forgetOldest();
    if (known === null) this.#load(offset, quote);
    return quote;
  }

  /** A message has changed: its quotes change with it. */
  apply(message: Message): void {
    const quote = this.#byOffset.get(message.offset);
    if (quote !== undefined) quote.value = message;
  }

  #load(offset: number, quote: Signal<Message | null | undefined>): void {
    this.#fetch(offset).then((message) => {
      if (quote.peek() === undefined) quote.value = message;
    }, () => {
      // Asked for again when the row is drawn the next time.
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
