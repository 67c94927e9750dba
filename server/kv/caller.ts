import { AsyncLocalStorage } from "node:async_hooks";

/** On whose behalf work is done. It is known wherever the work leads, and the work counts for it. */
export interface Caller {
  /** The account, or the address before sign-in. */
  readonly accountId: string;
  /** Counts finished work. */
  charge(units: number): void;
  /**
   * Marks the call as waiting for something to happen, so that it no longer counts as running. `onGone` is called
   * if the caller disconnects. Throws if the account waits for too many things already. Call the returned function
   * at the end.
   */
  beginWait(onGone: () => void): () => void;
  /** A subscription over HTTP has sent everything there was and waits for more. */
  live(): void;
}

const callers = new AsyncLocalStorage<Caller | undefined>();

/** Returns on whose behalf the current work is done; undefined for work that serves everybody. */
export function currentCaller(): Caller | undefined {
  return callers.getStore();
}

/** Runs `work`, and everything that follows from it, on behalf of a caller. */
export function runFor<T>(caller: Caller, work: () => T): T {
  return callers.run(caller, work);
}

/** Runs work that serves everybody, so that it does not count for whoever happens to start it. */
export function runForAll<T>(work: () => T): T {
  return callers.run(undefined, work);
}
