import type { TransportKind } from "./connection_model.ts";

/** Part of `sessionStorage`: the choice holds for this tab. */
export type ChoiceStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** What a choice needs. */
export interface TransportChoiceOptions {
  /** Null where the browser keeps nothing. */
  readonly storage: ChoiceStorage | null;
  readonly now: () => number;
}

const KEY = "parley-transport";
/** A network may have changed since: a remembered choice does not hold for ever. */
const REMEMBERED_FOR_MS = 15 * 60_000;
/** Where WebSocket has worked before, a busy or restarting server is likelier than a new wall. */
const BLOCKED_COUNT = { new: 2, known: 4 } as const;
const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 10 * 60_000;

/** Gives what the browser keeps for this tab; null where that is forbidden. */
export function tabStorage(): ChoiceStorage | null {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}

/** Gives what this tab has found to work; WebSocket when it knows of no trouble, or not any more. */
export function rememberedTransport(storage: ChoiceStorage | null, now: number): TransportKind {
  try {
    const [kind, at = "0"] = (storage?.getItem(KEY) ?? "").split(" ");
    const isFresh = now - Number(at) < REMEMBERED_FOR_MS;
    return isFresh && (kind === "sse" || kind === "polling") ? kind : "websocket";
  } catch {
    // A browser may forbid storage; then nothing is remembered.
    return "websocket";
  }
}

/** Decides which transport to use, from what has worked in this tab. */
export class TransportChoice {
  readonly #options: TransportChoiceOptions;
  #hasWorked = false;
  #blockedCount = 0;
  #retryMs = FIRST_RETRY_MS;

  constructor(options: TransportChoiceOptions) {
    this.#options = options;
  }

  /** What to begin with. */
  first(): TransportKind {
    const { storage, now } = this.#options;
    return rememberedTransport(storage, now());
  }

  /** A WebSocket has opened. */
  socketOpened(): void {
    this.#hasWorked = true;
    this.#blockedCount = 0;
    this.#retryMs = FIRST_RETRY_MS;
    this.#write(null);
  }

  /**
   * A dial failed although the server answers over HTTP. True when WebSocket is to be given up for now: after
   * two such dials in a row, after one that got no answer at all, later where WebSocket has worked before.
   */
  socketBlocked(isTimeout: boolean): boolean {
    this.#blockedCount += isTimeout ? 2 : 1;
    if (this.#blockedCount < BLOCKED_COUNT[this.#hasWorked ? "known" : "new"]) return false;
    this.#blockedCount = 0;
    this.#write("sse");
    return true;
  }

  /** A stream stayed silent although the server answers calls. */
  streamsBlocked(): void {
    this.#write("polling");
  }

  /** How long to wait before WebSocket is tried again; longer each time. */
  nextRetryMs(): number {
    const ms = this.#retryMs;
    this.#retryMs = Math.min(LAST_RETRY_MS, ms * 2);
    return ms;
  }

  /** The network has changed: what was blocked may be open. */
  networkChanged(): void {
    this.#retryMs = FIRST_RETRY_MS;
  }

  #write(kind: TransportKind | null): void {
    try {
      if (kind === null) this.#options.storage?.removeItem(KEY);
      else this.#options.storage?.setItem(KEY, `${kind} ${this.#options.now()}`);
    } catch {
      // Not remembered: found out again after the next reload.
    }
  }
}
