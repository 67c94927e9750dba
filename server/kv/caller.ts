import { AsyncLocalStorage } from "node:async_hooks";

/** For whom something is done: it is known wherever the work leads, and pays for it. */
export interface Caller {
  /** The account, or the address while nobody signed in. */
  readonly accountId: string;
  /** Notes work that was done. */
  charge(units: number): void;
  /**
   * Waits for something to come: the call no longer counts as started. Calls back if the caller goes meanwhile; throws
   * when the account waits for too much already. End it by the function that it gives.
   */
  beginWait(onGone: () => void): () => void;
  /** Says that a subscription over HTTP has given all there was: from here on it waits for what comes. */
  live(): void;
}

const callers = new AsyncLocalStorage<Caller | undefined>();

/** Gives for whom this is done; undefined for what is everybody's. */
export function currentCaller(): Caller | undefined {
  return callers.getStore();
}

/** Does something, and all that follows from it, for a caller. */
export function runFor<T>(caller: Caller, work: () => T): T {
  return callers.run(caller, work);
}

/** Does what serves everybody: who happens to begin it must not hold it up. */
export function runForAll<T>(work: () => T): T {
  return callers.run(undefined, work);
}
