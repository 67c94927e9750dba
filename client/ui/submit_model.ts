import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { readFailure } from "./failure.ts";
import type { Failure, FailureTexts, FormFailureCode } from "./failure.ts";

/** Texts of failures that only forms meet; the server itself says why a name is taken. */
export const FORM_TEXTS: Readonly<Record<Exclude<FormFailureCode, "name_taken">, string>> = {
  bad_credentials: "Wrong name or password.",
  invite_invalid: "This invite link is used up, expired or mistyped. Ask for a new one.",
  setup_invalid: "This setup link has expired. The server prints a new one every hour and at startup.",
  reset_invalid: "This reset link no longer works. Ask an admin for a new one.",
  already_set_up: "Parley is already set up. Sign in instead.",
  last_owner: "A workspace needs an owner. Make someone else an owner first.",
  wrong_state: "Someone else was faster. Look at how it stands now.",
};

/** Options of `SubmitModel`. */
export interface SubmitOptions {
  /** Texts for some failures. */
  readonly texts?: FailureTexts;
  /** Fields below which failures are shown that the server does not give to a field, such as a name that is taken. */
  readonly fields?: Partial<Record<Failure["code"], string>>;
  readonly now?: () => number;
}

/** The state of a form that is submitted: busy, failed, or waiting. */
export class SubmitModel {
  readonly #isBusy = signal(false);
  readonly #failure = signal<Failure | null>(null);
  readonly #waitUntil = signal<number | null>(null);
  readonly #texts: FailureTexts;
  readonly #fields: NonNullable<SubmitOptions["fields"]>;
  readonly #now: () => number;

  /** True while waiting for the answer. */
  readonly isBusy: ReadonlySignal<boolean> = this.#isBusy;
  /** The last failure; null after a success or a new attempt. */
  readonly failure: ReadonlySignal<Failure | null> = this.#failure;
  /** The time in epoch milliseconds before which the server accepts no new attempt. */
  readonly waitUntil: ReadonlySignal<number | null> = this.#waitUntil;

  constructor(options: SubmitOptions = {}) {
    this.#texts = { ...FORM_TEXTS, ...options.texts };
    this.#fields = options.fields ?? {};
    this.#now = options.now ?? Date.now;
  }

  /** Runs `action` unless one is running or a wait is not over; resolves to true if it succeeded. */
  async run(action: () => Promise<unknown>): Promise<boolean> {
    if (this.#isBusy.value || this.isWaiting()) return false;
    this.#isBusy.value = true;
    this.#failure.value = null;
    try {
      await action();
      return true;
    } catch (error) {
      const failure = readFailure(error, this.#texts);
      const path = this.#fields[failure.code];
      this.#failure.value = path === undefined
        ? failure
        : { ...failure, issues: [{ path, message: failure.text }] };
      this.#waitUntil.value = failure.retryAfterMs === null ? null : this.#now() + failure.retryAfterMs;
      return false;
    } finally {
      this.#isBusy.value = false;
    }
  }

  /** Whether the server has requested a wait that is not over. */
  isWaiting(): boolean {
    return this.#waitUntil.value !== null && this.#waitUntil.value > this.#now();
  }

  /** Shows a failure that was found without the server, of a field or, without a `path`, of the whole form. */
  refuse(path: string | null, message: string): void {
    this.#failure.value = {
      code: "invalid_input",
      text: message,
      retryAfterMs: null,
      issues: path === null ? [] : [{ path, message }],
    };
  }

  /** Returns the error of the field `path`, or null. */
  issue(path: string): string | null {
    return this.#failure.value?.issues.find((issue) => issue.path === path)?.message ?? null;
  }

  /** Clears the last failure, since the user started over. */
  clear(): void {
    this.#failure.value = null;
  }
}
