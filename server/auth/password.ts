import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { AppError } from "../../shared/errors.ts";
import { PASSWORD_HASH_QUEUE_COUNT, PASSWORD_HASHES_AT_ONCE_MAX_COUNT } from "../../shared/limits.ts";
import { normalizePassword } from "../../shared/passwords.ts";
import { callerIsGone } from "../net/rate_limit.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Subjects } from "./fair_queue.ts";

/** The cost of one hash (RFC 7914); N is 2 to the `logN`. */
export interface PasswordCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** The OWASP recommendation for scrypt: 32 MiB, about 0.4 s. */
export const PASSWORD_COST: PasswordCost = { logN: 15, r: 8, p: 3 };

const BUSY_RETRY_AFTER_MS = 2_000;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const PHC_PATTERN = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** One core always stays free for chat. */
export const HASHES_AT_ONCE_COUNT = Math.max(
  1,
  Math.min(PASSWORD_HASHES_AT_ONCE_MAX_COUNT, navigator.hardwareConcurrency - 1),
);

/** A caller that waits for a hash. If it has gone by then, the hash is skipped. */
export interface HashCaller {
  readonly isGone: boolean;
  /** Waits behind callers that are not. */
  readonly isSuspect?: boolean;
}

/** Hashes and compares passwords outside the event loop, a few at a time, shared fairly. */
export class PasswordHasher {
  readonly #cost: PasswordCost;
  // Each hash takes 32 MiB and a core, so more at once would starve everything else.
  readonly #queue = new FairQueue({
    runningCount: HASHES_AT_ONCE_COUNT,
    waitingCount: PASSWORD_HASH_QUEUE_COUNT,
    refusal: () => {
      return new AppError("rate_limited", "Too many people are signing in, try again in a moment", {
        retryAfterMs: BUSY_RETRY_AFTER_MS,
      });
    },
  });

  /** A lower cost is for tests only. */
  constructor(cost: PasswordCost = PASSWORD_COST) {
    this.#cost = cost;
  }

  /** How many calls wait for a hash. */
  get waitingCount(): number {
    return this.#queue.waitingCount;
  }

  /** The number of hashes that were refused. */
  get refusedCount(): number {
    return this.#queue.refusedCount;
  }

  /** Returns the hash to store, in PHC format: `$scrypt$ln=15,r=8,p=3$salt$hash`. */
  async hash(password: string, subjects: Subjects, caller?: HashCaller): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#derive(password, salt, { cost: this.#cost, subjects, caller });
    const { logN, r, p } = this.#cost;
    return `$scrypt$ln=${logN},r=${r},p=${p}$${toText(salt)}$${toText(hash)}`;
  }

  /**
   * Compares a password with a stored hash. Without one, it takes the same time and returns false, so that timing
   * does not reveal which accounts exist.
   */
  async verify(
    password: string,
    stored: string | null,
    subjects: Subjects,
    caller?: HashCaller,
  ): Promise<boolean> {
    const parts = stored === null ? null : PHC_PATTERN.exec(stored);
    if (parts === null) {
      await this.#derive(password, randomBytes(SALT_BYTES), { cost: this.#cost, subjects, caller });
      return false;
    }
    const [, logN, r, p, salt, hash] = parts;
    const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
    const expected = Buffer.from(hash ?? "", "base64");
    const actual = await this.#derive(password, Buffer.from(salt ?? "", "base64"), {
      cost,
      subjects,
      caller,
    });
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }

  #derive(
    password: string,
    salt: Uint8Array,
    { cost, subjects, caller }: {
      readonly cost: PasswordCost;
      readonly subjects: Subjects;
      readonly caller: HashCaller | undefined;
    },
  ): Promise<Uint8Array> {
    return this.#queue.run(subjects, () => {
      // Disconnected callers must not keep cores busy at the expense of others.
      if (caller?.isGone === true) throw callerIsGone();
      return derive(normalizePassword(password), salt, cost);
    }, caller?.isSuspect);
  }
}

function derive(password: string, salt: Uint8Array, cost: PasswordCost): Promise<Uint8Array> {
  const N = 2 ** cost.logN;
  // The default limit of 32 MiB is slightly too low for N=2^15.
  const options = { N, r: cost.r, p: cost.p, maxmem: 128 * N * cost.r + 1024 * 1024 * 32 };
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  scrypt(
    password,
    salt,
    HASH_BYTES,
    options,
    (error, hash) => error === null ? resolve(hash) : reject(error),
  );
  return promise;
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}
