import type { TransportKind } from "./connection_model.ts";

/** A part of `sessionStorage`: the choice is for this tab. */
export type ChoiceStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Options of `TransportChoice`. */
export interface TransportChoiceOptions {
  /** Null if the browser stores nothing. */
  readonly storage: ChoiceStorage | null;
  readonly now: () => number;
}

const KEY = "parley-transport";
/** The network may have changed: a stored choice expires. */
const REMEMBERED_FOR_MS = 15 * 60_000;
/** Where WebSocket has worked before, a busy or restarting server is more likely than a new block. */
const BLOCKED_COUNT = { new: 2, known: 4 } as const;
const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 600_000;

/** Returns the storage of this tab; null if it is forbidden. */
export function tabStorage(): ChoiceStorage | null {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}

/** Returns the transport that has worked in this tab; WebSocket if none is stored, or it has expired. */
export function rememberedTransport(storage: ChoiceStorage | null, now: number): TransportKind {
  try {
    const [kind, at = "0"] = (storage?.getItem(KEY) ?? "").split(" ");
    const isFresh = now - Number(at) < REMEMBERED_FOR_MS;
    return isFresh && (kind === "sse" || kind === "polling") ? kind : "websocket";
  } catch {
    // The browser may forbid storage; then nothing is stored.
    return "websocket";
  }
}

/** Chooses the transport, from what has worked in this tab. */
export class TransportChoice {
  readonly #options: TransportChoiceOptions;
  #hasWorked = false;
  #blockedCount = 0;
  #retryMs = FIRST_RETRY_MS;

  constructor(options: TransportChoiceOptions) {
    this.#options = options;
  }

  /** The transport to start with. */
  first(): TransportKind {
    const { storage, now } = this.#options;
    return rememberedTransport(storage, now());
  }

  /** A WebSocket was opened. */
  socketOpened(): void {
    this.#hasWorked = true;
    this.#blockedCount = 0;
    this.#retryMs = FIRST_RETRY_MS;
    this.#write(null);
  }

  /**
   * A dial has failed although the server answers over HTTP. Returns true if WebSocket should not be used for now:
   * after two such dials in a row, after one without any answer, or later if WebSocket has worked before.
   */
  socketBlocked(isTimeout: boolean): boolean {
    this.#blockedCount += isTimeout ? 2 : 1;
    if (this.#blockedCount < BLOCKED_COUNT[this.#hasWorked ? "known" : "new"]) return false;
    this.#blockedCount = 0;
    this.#write("sse");
    return true;
  }

  /** A stream got no data although the server answers calls. */
  streamsBlocked(): void {
    this.#write("polling");
  }

  /** The wait before WebSocket is tried again, longer each time. */
  nextRetryMs(): number {
    const ms = this.#retryMs;
    this.#retryMs = Math.min(LAST_RETRY_MS, ms * 2);
    return ms;
  }

  /** The network has changed: WebSocket may not be blocked any more. */
  networkChanged(): void {
    this.#retryMs = FIRST_RETRY_MS;
  }

  #write(kind: TransportKind | null): void {
    try {
      if (kind === null) this.#options.storage?.removeItem(KEY);
      else this.#options.storage?.setItem(KEY, `${kind} ${this.#options.now()}`);
    } catch {
      // Not stored: found out again after the next reload.
    }
  }
}
