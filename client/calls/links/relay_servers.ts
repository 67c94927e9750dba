import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { pause } from "../../net/wait.ts";
import { readWireError } from "../../net/wire_error.ts";
import type { Outputs } from "../../net/trpc.ts";
import type { RelayTrouble } from "../call_parts.ts";

type Answer = Outputs["calls"]["iceServers"];

/** Credentials last ten minutes, and are renewed when less than two are left. */
const FRESH_MS = 8 * 60_000;
/** Refused ones are renewed at most this often. */
const REFUSED_MS = 10_000;
/** A relay that was reached has answered by then; browsers report no error for one that was not. */
const UNREACHABLE_MS = 5_000;
/** "Unauthorized", as STUN servers put it (RFC 8489 §14.8). */
const UNAUTHORIZED = 401;
/** Errors of the browser itself are 700 and higher. */
const OWN_ERRORS_FROM = 700;

/** Options of `RelayServers`. */
export interface RelayServersOptions {
  /** Asks the server for the list. */
  readonly read: () => Promise<Answer>;
  /** A monotonic clock in milliseconds; the clock of the server may be another one. */
  readonly now: () => number;
}

/** The STUN and TURN servers of a call, with credentials that are renewed when needed. */
export class RelayServers {
  readonly #options: RelayServersOptions;
  #answer: Answer | null = null;
  #readAt = 0;
  /** When the server may be asked again, after it has refused. */
  #notBefore = 0;
  #reading: Promise<void> | null = null;
  #isRefused = false;
  readonly #trouble = signal<RelayTrouble>(null);
  readonly #hasRelays = signal(false);

  /** Why no relay can be used. */
  readonly trouble: ReadonlySignal<RelayTrouble> = computed(() =>
    this.#hasRelays.value ? this.#trouble.value : null
  );

  constructor(options: RelayServersOptions) {
    this.#options = options;
  }

  /** Returns the servers; after `waitMs` without an answer, those that are known. */
  async current(waitMs: number): Promise<RTCIceServer[]> {
    if (!this.#isFresh() && this.#options.now() >= this.#notBefore) {
      const abort = new AbortController();
      await Promise.race([this.#read(), pause(waitMs, abort.signal).catch(() => {})]);
      abort.abort();
    }
    return (this.#answer?.iceServers ?? []).map(({ urls, ...rest }) => ({ ...rest, urls: [...urls] }));
  }

  /** Follows what a connection finds, until the returned function is called. */
  watch(connection: RTCPeerConnection): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const abort = new AbortController();
    const { signal } = abort;
    // One of several that works is enough.
    let hasRelay = false;
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState !== "gathering") return;
      hasRelay = false;
      clearTimeout(timer);
      timer = setTimeout(() => {
        // Browsers stop looking for relays once a direct path is found, so silence means nothing then.
        if (!hasStopped(connection)) this.#trouble.value ??= "unreachable";
      }, UNREACHABLE_MS);
    }, { signal });
    connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.type !== "relay") return;
      hasRelay = true;
      clearTimeout(timer);
      this.#isRefused = false;
      this.#trouble.value = null;
    }, { signal });
    connection.addEventListener("icecandidateerror", ({ errorCode, url }) => {
      if (!url.startsWith("turn") || errorCode >= OWN_ERRORS_FROM) return;
      clearTimeout(timer);
      if (errorCode === UNAUTHORIZED) this.#isRefused = true;
      if (!hasRelay) this.#trouble.value = "refused";
    }, { signal });
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }

  #isFresh(): boolean {
    if (this.#answer === null) return false;
    if (this.#answer.expiresAt === null) return true;
    return this.#options.now() - this.#readAt < (this.#isRefused ? REFUSED_MS : FRESH_MS);
  }

  #read(): Promise<void> {
    return this.#reading ??= (async () => {
      try {
        const { read, now } = this.#options;
        const answer = await read();
        this.#answer = answer;
        this.#readAt = now();
        this.#isRefused = false;
        this.#hasRelays.value = answer.iceServers.some(({ urls }) =>
          urls.some((url) => url.startsWith("turn"))
        );
      } catch (error) {
        // The old ones may still work.
        this.#notBefore = this.#options.now() + readWireError(error).retryAfterMs;
      } finally {
        this.#reading = null;
      }
    })();
  }
}

function hasStopped({ iceGatheringState, iceConnectionState }: RTCPeerConnection): boolean {
  return iceGatheringState === "complete" && /^(?:connected|completed)$/.test(iceConnectionState);
}
