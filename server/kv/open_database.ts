import { DatabaseSync } from "node:sqlite";
import { newInviteCode } from "../../shared/ids.ts";
import { KvDatabase } from "./kv_database.ts";
import type { Database } from "./database.ts";
import { keys } from "./keys.ts";
import { closeToOthers, makePrivateFile, makePrivateFolder, openToOthers } from "./private_files.ts";
import type { RemoteDatabase } from "./remote_database.ts";

/** Name of the database file in the data folder. */
export const DATABASE_FILE = "parley.sqlite";
/** SQLite keeps the newest rows and their index in these files. */
export const SIDE_FILES = ["-wal", "-shm"];
const LOCK_FILE = "parley.lock";
/** Used instead of a folder for an in-memory database that ends with the process. */
export const IN_MEMORY = ":memory:";

/** Enough to detect a disk that is nearly full. */
const PROBE_BYTES = 32 * 1024;

/** Storage that cannot be used; the message is a single line for the operator. */
export class DatabaseError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "DatabaseError";
  }
}

/** An open database and its epoch. */
export interface OpenedDatabase {
  readonly db: Database;
  readonly epoch: string;
  /** The same database if several instances share it; null if this process has it alone. */
  readonly remote: RemoteDatabase | null;
  /** Its folder and files, if other users of this machine can open them. */
  readonly openToOthers: readonly string[];
  /** Closes the connection after the calls in flight and releases the lock. */
  close(): Promise<void>;
}

/** Opens the database in a folder, which is created if necessary, or throws with a reason. */
export async function openDatabase(dataDir: string): Promise<OpenedDatabase> {
  if (dataDir === IN_MEMORY) {
    return await open(await Deno.openKv(IN_MEMORY), "The database in memory", () => {});
  }
  const file = `${dataDir}/${DATABASE_FILE}`;
  await makeFolder(dataDir);
  const lock = await takeLock(dataDir);
  try {
    await checkFile(file);
    await makePrivateFile(file);
    // SQLite creates these with the mode of the main file.
    const files = [file, ...SIDE_FILES.map((side) => `${file}${side}`)];
    for (const side of files.slice(1)) await closeToOthers(side);
    const database = await open(await Deno.openKv(file), file, () => lock.close());
    return { ...database, openToOthers: await openToOthers([dataDir, ...files]) };
  } catch (error) {
    lock.close();
    throw error instanceof DatabaseError ? error : explain(file, error);
  }
}

async function open(kv: Deno.Kv, file: string, unlock: () => void): Promise<OpenedDatabase> {
  try {
    // Checked before anything is written, so that files of another program stay unchanged.
    const known = await findEpoch(kv, file);
    await kv.set(keys.probe(), crypto.getRandomValues(new Uint8Array(PROBE_BYTES)));
    await kv.delete(keys.probe());
    const epoch = known ?? await beginEpoch(kv);
    const db = new KvDatabase(kv);
    return {
      db,
      epoch,
      remote: null,
      openToOthers: [],
      async close() {
        await db.close();
        unlock();
      },
    };
  } catch (error) {
    kv.close();
    throw error;
  }
}

/** Returns the epoch of a database; null if it is empty. */
async function findEpoch(kv: Deno.Kv, file: string): Promise<string | null> {
  const entry = await kv.get<string>(keys.epoch());
  if (entry.value !== null) return entry.value;
  for await (const _ of kv.list({ prefix: [] }, { limit: 1 })) {
    throw new DatabaseError(
      `${file} contains data of another program: set DATA_DIR to a folder of Parley's own`,
    );
  }
  return null;
}

async function beginEpoch(kv: Deno.Kv): Promise<string> {
  const epoch = newInviteCode();
  await kv.set(keys.epoch(), epoch);
  return epoch;
}

async function makeFolder(dataDir: string): Promise<void> {
  try {
    await makePrivateFolder(dataDir);
  } catch (error) {
    throw new DatabaseError(
      `Cannot make the folder ${dataDir}: ${reasonOf(error)}. Set DATA_DIR to another folder`,
      error,
    );
  }
}

/** Two processes on the same file would starve each other. */
export async function takeLock(dataDir: string): Promise<Deno.FsFile> {
  const path = `${dataDir}/${LOCK_FILE}`;
  let file: Deno.FsFile;
  try {
    await makePrivateFile(path);
    file = await Deno.open(path, { write: true });
  } catch (error) {
    throw new DatabaseError(`Cannot write to the folder ${dataDir}: ${reasonOf(error)}`, error);
  }
  if (file.tryLockSync(true)) return file;
  file.close();
  throw new DatabaseError(
    `Another Parley process uses ${dataDir}: stop it, or set DATA_DIR to another folder`,
  );
}

/** Checks a file before KV opens it, because KV would add its tables to any SQLite database. */
async function checkFile(file: string): Promise<void> {
  try {
    if ((await Deno.stat(file)).size === 0) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  const tables = readTables(file);
  if (tables.length > 0 && !tables.includes("kv")) {
    throw new DatabaseError(
      `${file} is a database of another program: set DATA_DIR to a folder of Parley's own`,
    );
  }
}

function readTables(file: string): string[] {
  try {
    using sqlite = new DatabaseSync(file, { readOnly: true });
    return sqlite.prepare("select name from sqlite_master where type = 'table'").all().map(({ name }) =>
      String(name)
    );
  } catch (cause) {
    // On a full disk, files cannot even be opened for reading; KV will report that.
    if (!/not a database/.test(reasonOf(cause))) return [];
    throw new DatabaseError(
      `${file} is not a database: set DATA_DIR to another folder, or restore a backup`,
      cause,
    );
  }
}

function explain(file: string, cause: unknown): DatabaseError {
  const text = reasonOf(cause);
  if (/disk is full|no space left/i.test(text)) {
    return new DatabaseError(`No space left for ${file}: free some space`, cause);
  }
  // Without a single free page, SQLite cannot create its side files and reports only this.
  if (/disk i\/o error/i.test(text)) {
    return new DatabaseError(`No space left for ${file}, or the disk is damaged: free some space`, cause);
  }
  if (/readonly|read-only|permission/i.test(text)) {
    return new DatabaseError(`Cannot write to ${file}: ${text}`, cause);
  }
  return new DatabaseError(`Cannot open ${file}: ${text}`, cause);
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n", 1)[0] ?? text;
}
