import { tryAllocation, turnCredentials } from "../../net/turn_allocation.ts";
import type { TurnServer } from "../../net/turn_server.ts";
import { PatientTimeout } from "./patient_timeout.ts";
import { PROBE_TIMEOUT_MS } from "./probe.ts";
import type { Probe, ProbeFinding } from "./probe.ts";

/** A relay that answers nothing is told from one that is slow before the probe is over. */
const ATTEMPT_MS = 0.75 * PROBE_TIMEOUT_MS;
/** Credentials are for this attempt; clocks of two machines differ a little. */
const CREDENTIALS_MS = 60_000;
/** Stands before the credentials' owner in the logs of relays. */
const USER = "status";

export interface CallsProbeOptions {
  readonly servers: readonly TurnServer[];
  readonly secret: string;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Certificates that are trusted besides the usual ones. */
  readonly caCerts?: readonly string[];
}

/** Lets every relay give an address and take it back, over the transport that callers use. */
export class CallsProbe implements Probe {
  readonly id = "calls";
  readonly #options: CallsProbeOptions;

  constructor(options: CallsProbeOptions) {
    this.#options = options;
  }

  /** Without one of the relays, some people cannot call. */
  async run(signal: AbortSignal): Promise<ProbeFinding> {
    const { servers } = this.#options;
    const problems = (await Promise.all(servers.map((server) => this.#try(server, signal)))).filter(
      (problem) => problem !== null,
    );
    const reason = problems.join("; ");
    if (problems.length === servers.length) throw new Error(reason);
    return problems.length === 0 ? {} : { state: "partial_outage", reason };
  }

  /** Returns what is wrong with a relay, or null. */
  async #try(server: TurnServer, signal: AbortSignal): Promise<string | null> {
    const { secret, now, caCerts } = this.#options;
    const credentials = turnCredentials(secret, USER, now() + CREDENTIALS_MS);
    using late = new PatientTimeout(ATTEMPT_MS);
    const attempt = { server, signal: AbortSignal.any([signal, late.signal]), ...(caCerts && { caCerts }) };
    try {
      await tryAllocation(attempt, credentials);
      return null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `${server.url}: ${late.signal.aborted ? `no answer within ${ATTEMPT_MS} ms` : reason}`;
    }
  }
}
