import { statfs } from "node:fs/promises";
import type { Log } from "../log.ts";
import { certificateEnd } from "../net/certificate.ts";

/** Renewal is automatic elsewhere: at this point it has failed for a while. */
const CERTIFICATE_WARN_MS = 14 * 86_400_000;
const CERTIFICATE_CHECK_MS = 3_600_000;
/** Part of a round of probes. */
export const CERTIFICATE_TIMEOUT_MS = 4_000;
/** Backups, and the copy that `compact` makes, need room too. */
const FREE_MIN_BYTES = 1_000_000_000;

export interface OwnerWarningsOptions {
  readonly publicUrl: string | null;
  /** Folder of the database; null where it is in memory or on another machine. */
  readonly dataDir: string | null;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** What will stop the server one day, told to owners and admins only. */
export class OwnerWarnings {
  readonly #options: OwnerWarningsOptions;
  #certificateEndsAt: number | null = null;
  #certificateCheckedAt = -Infinity;
  #freeBytes: number | null = null;

  constructor(options: OwnerWarningsOptions) {
    this.#options = options;
  }

  /** When the certificate ends; null while there is time. */
  get certificateEndsAt(): string | null {
    return this.#certificateEndsAt === null ? null : new Date(this.#certificateEndsAt).toISOString();
  }

  /** How much the disk can still take; null while that is enough. */
  get freeBytes(): number | null {
    return this.#freeBytes;
  }

  /** Looks at the disk, and once an hour at the certificate. */
  async check(): Promise<void> {
    await this.#checkDisk();
    const { publicUrl, now } = this.#options;
    const isDue = Math.abs(now() - this.#certificateCheckedAt) >= CERTIFICATE_CHECK_MS;
    if (publicUrl?.startsWith("https:") !== true || !isDue) return;
    this.#certificateCheckedAt = now();
    await this.#checkCertificate(publicUrl);
  }

  async #checkDisk(): Promise<void> {
    const { dataDir, log } = this.#options;
    if (dataDir === null) return;
    const { bavail, bsize } = await statfs(dataDir);
    const freeBytes = bavail * bsize;
    const isLow = freeBytes < FREE_MIN_BYTES;
    if (isLow && this.#freeBytes === null) log.warn("The disk is almost full", { freeBytes });
    this.#freeBytes = isLow ? freeBytes : null;
  }

  async #checkCertificate(publicUrl: string): Promise<void> {
    const { log, now } = this.#options;
    const endsAt = await certificateEnd(publicUrl, AbortSignal.timeout(CERTIFICATE_TIMEOUT_MS));
    const isLate = endsAt - now() < CERTIFICATE_WARN_MS;
    if (isLate) log.warn("The certificate must be renewed", { endsAt: new Date(endsAt).toISOString() });
    this.#certificateEndsAt = isLate ? endsAt : null;
  }
}
