import { backup, DatabaseSync } from "node:sqlite";
import { newInviteCode } from "../../shared/ids.ts";
import { keys } from "./keys.ts";
import { DatabaseError, takeLock } from "./open_database.ts";

/** What was written, for the operator. */
export interface Copied {
  readonly file: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
}

/** SQLite keeps the newest rows and their index beside the file. */
const SIDE_FILES = ["-wal", "-shm"];
/** More than any file has. */
const ALL_PAGES_COUNT = 0x7fff_ffff;

/**
 * Copies a database while it is in use, by Parley or by denokv: all that was acknowledged before the call is in the
 * copy, and the copy is of one moment. Throws a DatabaseError with a line for the operator.
 */
export async function backUp(file: string, target: string): Promise<Copied> {
  await requireFile(file);
  if (await exists(target)) throw new DatabaseError(`${target} is there already: name a file that is not`);
  const partial = `${target}.partial`;
  await remove(partial);
  try {
    using sqlite = openSqlite(file);
    // All pages in one step: in several it would begin again at each write (https://sqlite.org/backup.html).
    await backup(sqlite, partial, { rate: ALL_PAGES_COUNT });
    makeWhole(partial);
  } catch (cause) {
    await remove(partial);
    throw cause instanceof DatabaseError
      ? cause
      : new DatabaseError(`Cannot copy ${file} to ${target}: ${lineOf(cause)}`, cause);
  }
  const copied = { ...await check(partial), file: target };
  await sync(partial);
  await Deno.rename(partial, target);
  return copied;
}

/**
 * Puts a copy in the place of a database that nobody uses, as the beginning of a new life: clients and running
 * instances notice the new epoch and read everything anew. What was there is kept beside it.
 */
export async function restore(
  copy: string,
  file: string,
): Promise<Copied & { readonly kept: string | null }> {
  await requireFile(copy);
  await check(copy);
  const folder = file.slice(0, Math.max(file.lastIndexOf("/"), 0)) || ".";
  await Deno.mkdir(folder, { recursive: true });
  using _lock = await takeLock(folder);
  await requireUnused(file);
  const partial = `${file}.partial`;
  await remove(partial);
  await Deno.copyFile(copy, partial);
  await beginNewLife(partial);
  const copied = { ...await check(partial), file };
  await sync(partial);
  const kept = await exists(file) ? `${file}.before-${new Date().toISOString().replaceAll(":", "")}` : null;
  if (kept !== null) await Deno.rename(file, kept);
  for (const side of SIDE_FILES) {
    if (kept !== null && await exists(`${file}${side}`)) {
      await Deno.rename(`${file}${side}`, `${kept}${side}`);
    }
  }
  await Deno.rename(partial, file);
  return { ...copied, kept };
}

/** A new epoch, and nothing of what instances said to each other in the old one. */
async function beginNewLife(file: string): Promise<void> {
  const kv = await Deno.openKv(file);
  try {
    for (const prefix of [keys.feeds(), keys.feedFloors(), keys.bells(), keys.instances()]) {
      for await (const { key } of kv.list({ prefix })) await kv.delete(key);
    }
    await kv.set(keys.epoch(), newInviteCode());
  } finally {
    kv.close();
  }
  makeWhole(file);
}

/** Brings what stands in side files into the file itself. */
function makeWhole(file: string): void {
  using sqlite = new DatabaseSync(file);
  sqlite.exec("pragma journal_mode = delete");
}

/** Refuses while any process has the file open: in WAL mode each of them keeps it from leaving that mode. */
async function requireUnused(file: string): Promise<void> {
  if (!await exists(file)) return;
  try {
    using sqlite = new DatabaseSync(file);
    sqlite.exec("pragma busy_timeout = 0; pragma journal_mode = delete");
  } catch (cause) {
    throw new DatabaseError(
      `${file} is in use: stop the program that has it open, then restore again`,
      cause,
    );
  }
}

async function requireFile(file: string): Promise<void> {
  if (!await exists(file)) throw new DatabaseError(`There is no file ${file}`);
}

/** Looks whether a file is a whole database of Parley's. */
async function check(file: string): Promise<Omit<Copied, "file">> {
  try {
    using sqlite = openSqlite(file);
    const [verdict] = sqlite.prepare("pragma quick_check(1)").all();
    if (verdict?.quick_check !== "ok") throw new DatabaseError(`${file} is damaged: ${verdict?.quick_check}`);
    const [count] = sqlite.prepare("select count(*) as rows from kv").all();
    return { rowCount: Number(count?.rows), sizeBytes: (await Deno.stat(file)).size };
  } catch (cause) {
    if (cause instanceof DatabaseError) throw cause;
    throw new DatabaseError(`${file} is no database of Parley's: ${lineOf(cause)}`, cause);
  }
}

function openSqlite(file: string): DatabaseSync {
  return new DatabaseSync(file, { readOnly: true });
}

async function sync(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  await file.sync();
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function remove(path: string): Promise<void> {
  for (const side of ["", ...SIDE_FILES]) await Deno.remove(`${path}${side}`).catch(() => {});
}

function lineOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n", 1)[0] ?? text;
}
