import type { KnownText } from "../page/known_texts.ts";
import { PatientTimeout } from "./patient_timeout.ts";

/** Where a server can be dialed. */
export interface PublicDialOptions {
  /** The address that people use; null when it is the local one. */
  readonly publicUrl: string | null;
  /** Our own port on this machine. */
  readonly localUrl: string;
}

const LOCAL_NOTE: KnownText =
  "Measured at the server itself: its public address cannot be reached from there.";

/**
 * Dials the server as people do, so that name, certificate and proxy are part of what is measured. Some networks lead
 * no way back inside: an address that never worked from here is replaced by our own port, with a note.
 */
export class PublicDial {
  readonly #options: PublicDialOptions;
  #hasWorked = false;

  constructor(options: PublicDialOptions) {
    this.#options = options;
  }

  /** Runs `attempt` with an origin, and gives a note where that is not the public one. */
  async run(
    attempt: (origin: string, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
    attemptMs: number,
  ): Promise<{ note?: string }> {
    const { publicUrl, localUrl } = this.#options;
    if (publicUrl === null) {
      await attempt(localUrl, signal);
      return {};
    }
    try {
      using timeout = new PatientTimeout(attemptMs);
      await attempt(publicUrl, AbortSignal.any([signal, timeout.signal]));
      this.#hasWorked = true;
      return {};
    } catch (error) {
      if (this.#hasWorked) throw error;
      await attempt(localUrl, signal);
      return { note: LOCAL_NOTE };
    }
  }
}
