import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Trpc } from "../net/trpc.ts";
import type { SubmitModel } from "../ui/submit_model.ts";
import { failureText } from "./failure_text.ts";

/** As often as the server lets one ask (`STATUS_PREVIEW_RATE`), or the last letters would be missing. */
const WAIT_MS = 500;
const UNSEEN_TEXT = "Look at what visitors will see first, then publish it.";

/** What somebody wants to publish. */
export interface PublicWords {
  readonly text: string;
  /** Absent for announcements, and where it stays as it is. */
  readonly title?: string;
}

/** What the server made of words. */
export interface ShownWords {
  readonly html: string;
  readonly title: string;
}

const NOTHING: ShownWords = { html: "", title: "" };

/** What strangers will see of what is being typed: the server takes out mentions and links to rooms. */
export class PreviewModel implements Disposable {
  readonly #api: Pick<Trpc["status"], "preview">;
  readonly #shown = signal<ShownWords>(NOTHING);
  /** The words of which the preview is shown. */
  readonly #shownKey = signal("");
  readonly #failure = signal<string | null>(null);
  #asked: PublicWords = { text: "" };
  #aborter = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** What the server said last; it stays until the next answer comes. */
  readonly shown: ReadonlySignal<ShownWords> = this.#shown;
  /** Why there is no preview, as a sentence for the user; null while there is one, or will be. */
  readonly failure: ReadonlySignal<string | null> = this.#failure;

  constructor(api: Pick<Trpc["status"], "preview">) {
    this.#api = api;
  }

  /** Shows words a moment after the last key, or after `waitMs`. */
  show(words: PublicWords, waitMs = WAIT_MS): void {
    this[Symbol.dispose]();
    this.#asked = words;
    this.#failure.value = null;
    const { text, title = "" } = words;
    const given = { ...text.trim() === "" ? {} : { text }, ...title.trim() === "" ? {} : { title } };
    if (Object.keys(given).length === 0) return this.#answer(words, NOTHING);
    const { signal } = this.#aborter = new AbortController();
    this.#timer = setTimeout(async () => {
      try {
        const answer = await this.#api.preview.query(given, { signal });
        if (!signal.aborted) this.#answer(words, { ...NOTHING, ...answer });
      } catch (error) {
        if (!signal.aborted) this.#failure.value = failureText(error);
      }
    }, waitMs);
  }

  /** Asks once more after a failure. */
  retry(): void {
    if (this.#failure.peek() !== null) this.show(this.#asked, 0);
  }

  /** Whether what is shown was made of exactly these words. */
  isOf(words: PublicWords): boolean {
    return this.#shownKey.value === keyOf(words);
  }

  /** Publishes words that can be seen as strangers will see them; resolves to true if that succeeded. */
  async publish(submit: SubmitModel, words: PublicWords, action: () => Promise<unknown>): Promise<boolean> {
    if (this.isOf(words)) return await submit.run(action);
    this.retry();
    submit.refuse(null, UNSEEN_TEXT);
    return false;
  }

  /** Stops asking. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#aborter.abort();
  }

  #answer(words: PublicWords, shown: ShownWords): void {
    this.#shown.value = shown;
    this.#shownKey.value = keyOf(words);
  }
}

function keyOf({ text, title = "" }: PublicWords): string {
  return JSON.stringify([text.trim(), title.trim()]);
}
