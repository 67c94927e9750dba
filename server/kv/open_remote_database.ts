import { setTimeout as delay } from "node:timers/promises";
import { newInviteCode } from "../../shared/ids.ts";
import type { Log } from "../log.ts";
import { keys } from "./keys.ts";
import { DatabaseError } from "./open_database.ts";
import type { OpenedDatabase } from "./open_database.ts";
import { RemoteDatabase } from "./remote_database.ts";

/** How long to wait for a server that is starting at the same time. */
const REACH_WITHIN_MS = 30_000;
const RETRY_MS = 500;

export interface RemoteOptions {
  readonly url: string;
  readonly log: Log;
  /** Shorter in tests only. */
  readonly reachWithinMs?: number;
}

/** Opens the database at a KV Connect address, which several instances may share, or throws with a reason. */
export async function openRemoteDatabase(options: RemoteOptions): Promise<OpenedDatabase> {
  const { url } = options;
  const remote = new RemoteDatabase({ open: () => Deno.openKv(url) });
  try {
    await reach(remote, options);
    const epoch = await findEpoch(remote);
    return { db: remote, epoch, remote, openToOthers: [], close: () => remote.close() };
  } catch (error) {
    await remote.close();
    throw error;
  }
}

/** Writes once to check address, token and disk. */
async function reach(remote: RemoteDatabase, options: RemoteOptions): Promise<void> {
  const { url, log, reachWithinMs = REACH_WITHIN_MS } = options;
  const endsAt = Date.now() + reachWithinMs;
  for (let isFirst = true;; isFirst = false) {
    try {
      await refuseForeign(remote, url);
      await remote.commit({ sets: [[keys.probe(), 1]] });
      return;
    } catch (error) {
      if (error instanceof DatabaseError) throw error;
      const reason = reasonOf(error);
      // A wrong token stays wrong; with any other error, the server may not be up yet.
      if (Date.now() > endsAt || isRefusal(reason)) {
        throw new DatabaseError(
          `Cannot use the database at ${url}: ${reason}. Check KV_URL and DENO_KV_ACCESS_TOKEN`,
          error,
        );
      }
      if (isFirst) log.warn("Waiting for the database to answer", { url, reason });
      await delay(RETRY_MS);
    }
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

function isRefusal(reason: string): boolean {
  return /\b(401|403)\b|unauthorized|forbidden|access token/i.test(reason);
}

/** Returns the original reason, which storage errors wrap. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return (text.split("\n", 1)[0] ?? text).replace(/\.$/, "");
}
