import { DatabaseSync } from "node:sqlite";
import { DatabaseError, SIDE_FILES } from "./open_database.ts";
import { makePrivateFile } from "./private_files.ts";
import { copyRows } from "./row_copy.ts";

/** The header that identifies a SQLite file (SQLite file format §1.3). */
const HEADER_BYTES = 100;

/** What was written, for the operator. */
export interface Copied {
  readonly file: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
}

/** Copies all rows into a new file and syncs it to disk; errors mention `target`. */
export async function copyInto(partial: string, file: string, target: string): Promise<Omit<Copied, "file">> {
  await remove(partial);
  try {
    await makePrivateFile(partial);
    copyRows(file, partial);
    const copied = await check(partial);
    await sync(partial);
    return copied;
  } catch (cause) {
    await remove(partial);
    throw cause instanceof DatabaseError
      ? cause
      : new DatabaseError(`Cannot copy ${file} to ${target}: ${lineOf(cause)}`, cause);
  }
}

/** Returns the folder of a file. */
export function folderOf(file: string): string {
  return file.slice(0, Math.max(file.lastIndexOf("/"), 0)) || ".";
}

/** Merges the side files into the file itself. */
export function makeWhole(file: string): void {
  using sqlite = new DatabaseSync(file);
  sqlite.exec("pragma journal_mode = delete");
}

/** Throws if any process has the file open: in WAL mode, an open connection prevents leaving that mode. */
export function requireUnused(file: string): void {
  holdUnused(file).close();
}

/** Like `requireUnused`, and prevents writes until the returned handle is closed. */
export function holdUnused(file: string): DatabaseSync {
  const sqlite = new DatabaseSync(file);
  try {
    sqlite.exec("pragma busy_timeout = 0; pragma journal_mode = delete; begin immediate");
    // Another process may have opened it in between.
    const mode = sqlite.prepare("pragma journal_mode").get();
    if (mode?.journal_mode !== "delete") throw new Error("Another process has just opened it");
    return sqlite;
  } catch (cause) {
    sqlite.close();
    throw new DatabaseError(`${file} is in use: stop the program that has it open, then try again`, cause);
  }
}

/** Throws if the file does not exist. */
export async function requireFile(file: string): Promise<void> {
  if (!await exists(file)) throw new DatabaseError(`File ${file} does not exist`);
}

/** Counts what is in a file; throws if it is not a complete database of Parley's. */
export async function check(file: string): Promise<Omit<Copied, "file">> {
  try {
    using sqlite = new DatabaseSync(file, { readOnly: true });
    const [verdict] = sqlite.prepare("pragma quick_check(1)").all();
    if (verdict?.quick_check !== "ok") throw new DatabaseError(`${file} is damaged: ${verdict?.quick_check}`);
    const [count] = sqlite.prepare("select count(*) as rows from kv").all();
    return { rowCount: Number(count?.rows), sizeBytes: (await Deno.stat(file)).size };
  } catch (cause) {
    if (cause instanceof DatabaseError) throw cause;
    throw new DatabaseError(`${file} is no database of Parley's: ${lineOf(cause)}`, cause);
  }
}

/** Destroys the header of a file that others may still have open, so that they fail instead of writing into it. */
export function spoil(file: Deno.FsFile): void {
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(HEADER_BYTES));
}

/** Waits until a file is on disk. */
export async function sync(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  await file.sync();
}

/** Whether a path exists. */
export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Removes a database with its side files, if it exists. */
export async function remove(path: string): Promise<void> {
  for (const side of ["", ...SIDE_FILES]) await Deno.remove(`${path}${side}`).catch(() => {});
}

function lineOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n", 1)[0] ?? text;
}
