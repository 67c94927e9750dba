import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** Messages within this time are read out together. */
export const ANNOUNCE_BATCH_MS = 1_000;
const SINGLE_MAX_COUNT = 2;

interface Arrival {
  readonly room: string;
  readonly text: string;
}

/** Decides what one hidden polite region says, so that a busy room does not drown a screen reader. */
export class AnnouncerModel {
  readonly #text = signal("");
  #arrivals: Arrival[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** What the region holds now. */
  readonly text: ReadonlySignal<string> = computed(() => this.#text.value);

  /** A message came: `text` is what is said when it comes alone, "Ana: hello". */
  arrived(room: string, text: string): void {
    this.#arrivals.push({ room, text });
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
    this.#arrivals = [];
  }

  #flush(): void {
    const byRoom = Map.groupBy(this.#arrivals, (arrival) => arrival.room);
    this.#arrivals = [];
    this.#timer = undefined;
    const parts = [...byRoom].flatMap(([room, arrivals]) =>
      arrivals.length > SINGLE_MAX_COUNT
        ? [`${arrivals.length} new messages in ${room}`]
        : arrivals.map((arrival) => arrival.text)
    );
    this.say(parts.join(". "));
  }
}
