import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { PRESENCE_RENEW_MS } from "../../shared/limits.ts";
import { isStepDown } from "../../shared/presence.ts";
import type { PresenceStatus, StatusText } from "../../shared/presence.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";

/** Several changes at once make one call. */
const SAY_AFTER_MS = 250;
/** The wait after a failure for which the server gives none. */
const RETRY_AFTER_MS = 5_000;

/** Options of `OwnStatus`. */
export interface OwnStatusOptions {
  readonly api: Pick<Trpc["presence"], "set">;
  readonly isIdle: ReadonlySignal<boolean>;
  readonly isConnected: ReadonlySignal<boolean>;
  readonly hasSocket: ReadonlySignal<boolean>;
  readonly now?: () => number;
}

/** Reports this device's presence to the server: after each connect and change, and over HTTP every 10 s. */
export class OwnStatus {
  readonly #options: OwnStatusOptions;
  readonly #now: () => number;
  readonly #stops: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sayAt = Infinity;
  #blockedUntil = -Infinity;
  #isDisposed = false;

  constructor(options: OwnStatusOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Starts to report. */
  start(): void {
    const { isIdle, isConnected, hasSocket } = this.#options;
    this.#stops.push(effect(() => {
      isIdle.value;
      hasSocket.value;
      if (isConnected.value) this.#sayIn(SAY_AFTER_MS);
      else this.#rest();
    }));
  }

  /** Reports again if the server considers this device less present than it is. */
  confirm(shown: PresenceStatus): void {
    if (this.#options.isConnected.peek() && isStepDown(this.#status(), shown)) this.#sayIn(SAY_AFTER_MS);
  }

  /** Sets the status text or do not disturb. */
  async say(change: Partial<StatusText>): Promise<void> {
    await this.#options.api.set.mutate({ status: this.#status(), ...change });
  }

  /** Stops reporting. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const stop of this.#stops.splice(0)) stop();
    this.#rest();
  }

  #status(): "online" | "away" {
    return this.#options.isIdle.peek() ? "away" : "online";
  }

  #sayIn(waitMs: number): void {
    if (this.#isDisposed) return;
    const at = Math.max(this.#now() + waitMs, this.#blockedUntil);
    if (at >= this.#sayAt) return;
    this.#rest();
    this.#sayAt = at;
    this.#timer = setTimeout(() => void this.#say(), at - this.#now());
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#sayAt = Infinity;
  }

  async #say(): Promise<void> {
    this.#sayAt = Infinity;
    const { api, isConnected, hasSocket } = this.#options;
    try {
      await api.set.mutate({ status: this.#status() });
    } catch (error) {
      const waitMs = readFailure(error).retryAfterMs ?? RETRY_AFTER_MS;
      this.#blockedUntil = this.#now() + waitMs;
      if (isConnected.peek()) this.#sayIn(waitMs);
      return;
    }
    // Over HTTP, nothing else shows the server that the tab is still open.
    if (!hasSocket.peek() && isConnected.peek()) this.#sayIn(PRESENCE_RENEW_MS);
  }
}
