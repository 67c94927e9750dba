import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** Messages within this time are announced together. */
export const ANNOUNCE_BATCH_MS = 1_000;
const SINGLE_MAX_COUNT = 2;

/** The messages that have arrived in a room. */
interface Arrivals {
  /** The first ones, as many as are read out one by one. */
  readonly texts: string[];
  count: number;
}

/** The text of a hidden polite live region, limited so that a busy room does not flood a screen reader. */
export class AnnouncerModel {
  readonly #text = signal("");
  /** By room. Browsers delay timers of hidden tabs by minutes, so only what will be read out is stored. */
  #arrivals = new Map<string, Arrivals>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The current text of the region. */
  readonly text: ReadonlySignal<string> = this.#text;

  /** A message has arrived: `text`, such as "Ana: hello", is read out if it is the only one. */
  arrived(room: string, text: string): void {
    const arrivals = this.#arrivals.get(room) ?? { texts: [], count: 0 };
    this.#arrivals.set(room, arrivals);
    arrivals.count++;
    if (arrivals.count <= SINGLE_MAX_COUNT) arrivals.texts.push(text);
    this.#timer ??= setTimeout(() => this.#flush(), ANNOUNCE_BATCH_MS);
  }

  /** Reads out a text at once, such as the result of an action. */
  say(text: string): void {
    // The same text twice would not change the region, and so not be read out.
    this.#text.value = text === this.#text.value ? `${text}\u00a0` : text;
  }

  /** Drops waiting texts. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#arrivals = new Map();
  }

  #flush(): void {
    const arrivals = this.#arrivals;
    this.#arrivals = new Map();
    this.#timer = undefined;
    const parts = [...arrivals].flatMap(([room, { texts, count }]) =>
      count > SINGLE_MAX_COUNT ? [`${count} new messages in ${room}`] : texts
    );
    this.say(parts.join(". "));
  }
}
