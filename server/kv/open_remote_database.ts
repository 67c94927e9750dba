import { setTimeout as delay } from "node:timers/promises";
import { newInviteCode } from "../../shared/ids.ts";
import type { Log } from "../log.ts";
import { keys } from "./keys.ts";
import { DatabaseError } from "./open_database.ts";
import type { OpenedDatabase } from "./open_database.ts";
import { RemoteDatabase } from "./remote_database.ts";

/** Waits between attempts: short at first, for a server that starts at the same time, then longer. */
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 5_000;
/** How long the server may take to answer anything at all, once it is known to be away. */
const ANSWER_TIMEOUT_MS = 5_000;

export interface RemoteOptions {
  readonly url: string;
  readonly log: Log;
  /** Ends the wait for a server that does not answer. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the database at a KV Connect address, which several instances may share. Waits until it answers; throws a
 * DatabaseError with a reason if waiting would not help.
 */
export async function openRemoteDatabase(options: RemoteOptions): Promise<OpenedDatabase> {
  const { url } = options;
  const remote = new RemoteDatabase({ open: () => Deno.openKv(url) });
  try {
    const epoch = await reach(remote, options);
    return { db: remote, epoch, remote, openToOthers: [], close: () => remote.close() };
  } catch (error) {
    await remote.close();
    throw error;
  }
}

/** Writes once to check address, token and disk, and returns the epoch. */
async function reach(remote: RemoteDatabase, { url, log, signal }: RemoteOptions): Promise<string> {
  const startedAt = performance.now();
  let hasWaited = false;
  let waitMs = RETRY_MIN_MS;
  for (;;) {
    try {
      await refuseForeign(remote, url);
      await remote.commit({ sets: [[keys.probe(), 1]] });
      const epoch = await findEpoch(remote);
      if (hasWaited) {
        const seconds = Math.round((performance.now() - startedAt) / 1_000);
        log.info("The database answers", { url, seconds });
      }
      return epoch;
    } catch (error) {
      if (error instanceof DatabaseError) throw error;
      const reason = reasonOf(error);
      if (isRefusal(reason)) {
        throw new DatabaseError(
          `Cannot use the database at ${url}: ${reason}. Check KV_URL and DENO_KV_ACCESS_TOKEN`,
          error,
        );
      }
      if (!hasWaited) log.warn("Waiting for the database to answer", { url, reason });
      hasWaited = true;
      // A call to a server that is frozen hangs for as long as that is so, and would keep its connection.
      do {
        await delay(waitMs, undefined, { signal });
        waitMs = Math.min(2 * waitMs, RETRY_MAX_MS);
      } while (!await answers(url, signal));
    }
  }
}

/** Whether anything answers at an address, be it a refusal; false if `ended` aborts first. */
async function answers(url: string, ended: AbortSignal | undefined): Promise<boolean> {
  try {
    const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const signal = ended === undefined ? timeout : AbortSignal.any([timeout, ended]);
    const response = await fetch(url, { method: "POST", redirect: "manual", signal });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** Throws if another program keeps its data there; nothing is written then. */
async function refuseForeign(remote: RemoteDatabase, url: string): Promise<void> {
  const rows = await remote.list<unknown>([], { limit: 2 });
  if (!rows.some(({ key }) => key[0] !== keys.probe()[0])) return;
  // Read after the rows: an instance that starts at the same time writes the epoch before all others.
  const { value } = await remote.get<string>(keys.epoch());
  if (value !== null) return;
  throw new DatabaseError(
    `The database at ${url} contains data of another program: set KV_URL to another database`,
  );
}

/** Returns the epoch of the database; the first instance creates it. */
async function findEpoch(remote: RemoteDatabase): Promise<string> {
  for (;;) {
    const { value } = await remote.get<string>(keys.epoch());
    if (value !== null) return value;
    const epoch = newInviteCode();
    const checks = [{ key: keys.epoch(), versionstamp: null }];
    if (await remote.commit({ checks, sets: [[keys.epoch(), epoch]] }) !== null) return epoch;
  }
}

/**
 * Whether a server answers that will not let us in, or that speaks another protocol. It stays so until somebody changes
 * the settings; servers that start, and proxies in front of them, answer 5xx or 429.
 */
function isRefusal(reason: string): boolean {
  return /responded with status (?!408|425|429)[34]\d\d\b|not a valid KV Connect endpoint/.test(reason);
}

/** Returns the original reason, which storage errors wrap. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return (text.split("\n", 1)[0] ?? text).replace(/\.$/, "");
}
