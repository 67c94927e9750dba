import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { PRESENCE_RENEW_MS } from "../../shared/limits.ts";
import { isStepDown } from "../../shared/presence.ts";
import type { PresenceStatus, StatusText } from "../../shared/presence.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";

/** Several reasons to speak at once make one call. */
const SAY_AFTER_MS = 250;
/** After a failure without a wait from the server. */
const RETRY_AFTER_MS = 5_000;

/** What telling others needs. */
export interface OwnStatusOptions {
  readonly api: Pick<Trpc["presence"], "set">;
  readonly isIdle: ReadonlySignal<boolean>;
  readonly isConnected: ReadonlySignal<boolean>;
  readonly hasSocket: ReadonlySignal<boolean>;
  readonly now?: () => number;
}

/** Tells the server that this device is there: after each connect and each change, and over HTTP every 10 s. */
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

  /** Begins to tell. */
  start(): void {
    const { isIdle, isConnected, hasSocket } = this.#options;
    this.#stops.push(effect(() => {
      isIdle.value;
      hasSocket.value;
      if (isConnected.value) this.#sayIn(SAY_AFTER_MS);
      else this.#rest();
    }));
  }

  /** Tells again when the server takes this device for less than it is. */
  confirm(shown: PresenceStatus): void {
    if (this.#options.isConnected.peek() && isStepDown(this.#status(), shown)) this.#sayIn(SAY_AFTER_MS);
  }

  /** Says something of the person along with the status. */
  async say(change: Partial<StatusText>): Promise<void> {
    await this.#options.api.set.mutate({ status: this.#status(), ...change });
  }

  /** Stops telling. */
  dispose(): void {
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
    // Over HTTP nothing else tells the server that the tab is still open.
    if (!hasSocket.peek() && isConnected.peek()) this.#sayIn(PRESENCE_RENEW_MS);
  }
}
