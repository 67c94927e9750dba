import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { issueText, readFailure } from "./failure.ts";
import type { Failure, FailureTexts } from "./failure.ts";

/** What a form needs beside its action. */
export interface SubmitOptions {
  /** Better words for some failures. */
  readonly texts?: FailureTexts;
  readonly now?: () => number;
}

/** One form's way to the server: busy, failed with words, or told to wait. */
export class SubmitModel {
  readonly #isBusy = signal(false);
  readonly #failure = signal<Failure | null>(null);
  readonly #waitUntil = signal<number | null>(null);
  readonly #texts: FailureTexts;
  readonly #now: () => number;

  /** True while an answer is awaited. */
  readonly isBusy: ReadonlySignal<boolean> = this.#isBusy;
  /** What went wrong last; null after a success or a fresh try. */
  readonly failure: ReadonlySignal<Failure | null> = this.#failure;
  /** Epoch milliseconds before which the server takes no new try. */
  readonly waitUntil: ReadonlySignal<number | null> = this.#waitUntil;

  constructor(options: SubmitOptions = {}) {
    this.#texts = options.texts ?? {};
    this.#now = options.now ?? Date.now;
  }

  /** Runs `action` unless one runs already or a wait holds; resolves to true when it worked. */
  async run(action: () => Promise<unknown>): Promise<boolean> {
    if (this.#isBusy.value || this.isWaiting()) return false;
    this.#isBusy.value = true;
    this.#failure.value = null;
    try {
      await action();
      return true;
    } catch (error) {
      const failure = readFailure(error, this.#texts);
      this.#failure.value = failure;
      this.#waitUntil.value = failure.retryAfterMs === null ? null : this.#now() + failure.retryAfterMs;
      return false;
    } finally {
      this.#isBusy.value = false;
    }
  }

  /** Says whether the server asked for a wait that is not over. */
  isWaiting(): boolean {
    return this.#waitUntil.value !== null && this.#waitUntil.value > this.#now();
  }

  /** Shows a failure that was found before asking the server. */
  refuse(path: string, message: string): void {
    this.#failure.value = {
      code: "invalid_input",
      text: message,
      retryAfterMs: null,
      issues: [{ path, message }],
    };
  }

  /** Gives what stands under the field `path`, or null. */
  issue(path: string): string | null {
    return issueText(this.#failure.value, path);
  }

  /** Forgets the last failure, because the person started over. */
  clear(): void {
    this.#failure.value = null;
  }
}
