import { PASSWORDS_PENDING_PER_PERSON_COUNT } from "../../shared/limits.ts";
import { rateLimited } from "../net/rate_limit.ts";

/** About as long as one hash takes. */
const RETRY_AFTER_MS = 1_000;

/** Limits how many sign-in attempts per person run at the same time. */
export class PendingTries {
  readonly #counts = new Map<string, number>();

  /** Runs an attempt, or throws `rate_limited` if too many of this person are running. */
  async run<T>(person: string, work: () => Promise<T>): Promise<T> {
    const count = this.#counts.get(person) ?? 0;
    if (count >= PASSWORDS_PENDING_PER_PERSON_COUNT) throw rateLimited(RETRY_AFTER_MS);
    this.#counts.set(person, count + 1);
    try {
      return await work();
    } finally {
      const left = (this.#counts.get(person) ?? 1) - 1;
      if (left > 0) this.#counts.set(person, left);
      else this.#counts.delete(person);
    }
  }
}
