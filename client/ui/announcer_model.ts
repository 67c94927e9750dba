import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** Messages within this time are read out together. */
export const ANNOUNCE_BATCH_MS = 1_000;
const SINGLE_MAX_COUNT = 2;

/** What came in one room. */
interface Arrivals {
  /** The first ones, as many as are said one by one. */
  readonly texts: string[];
  count: number;
}

/** Decides what one hidden polite region says, so that a busy room does not drown a screen reader. */
export class AnnouncerModel {
  readonly #text = signal("");
  /** By room. A browser lets the timer of a hidden tab wait for minutes, so only what will be said is kept. */
  #arrivals = new Map<string, Arrivals>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** What the region holds now. */
  readonly text: ReadonlySignal<string> = this.#text;

  /** A message came: `text` is what is said when it comes alone, "Ana: hello". */
  arrived(room: string, text: string): void {
    const arrivals = this.#arrivals.get(room) ?? { texts: [], count: 0 };
    this.#arrivals.set(room, arrivals);
    arrivals.count++;
    if (arrivals.count <= SINGLE_MAX_COUNT) arrivals.texts.push(text);
    this.#timer ??= setTimeout(() => this.#flush(), ANNOUNCE_BATCH_MS);
  }

  /** Says something at once, such as the result of an action. */
  say(text: string): void {
    // The same words twice would not be a change of the region, and so not be said.
    this.#text.value = text === this.#text.value ? `${text}\u00a0` : text;
  }

  /** Forgets what waits. */
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
