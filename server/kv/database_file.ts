import { DatabaseSync } from "node:sqlite";
import { DatabaseError, SIDE_FILES } from "./open_database.ts";
import { makePrivateFile } from "./private_files.ts";
import { copyRows } from "./row_copy.ts";

/** What a file is known as SQLite's by (SQLite file format §1.3). */
const HEADER_BYTES = 100;

/** What was written, for the operator. */
export interface Copied {
  readonly file: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
}

/** Copies all rows into a new file that is on the disk afterwards; `target` is what it is for, in an error. */
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

/** Gives the folder that a file is in. */
export function folderOf(file: string): string {
  return file.slice(0, Math.max(file.lastIndexOf("/"), 0)) || ".";
}

/** Brings what stands in side files into the file itself. */
export function makeWhole(file: string): void {
  using sqlite = new DatabaseSync(file);
  sqlite.exec("pragma journal_mode = delete");
}

/** Refuses while any process has the file open: in WAL mode each of them keeps it from leaving that mode. */
export function requireUnused(file: string): void {
  holdUnused(file).close();
}

/** Does the same, and lets nobody write to the file until what it gives is closed. */
export function holdUnused(file: string): DatabaseSync {
  const sqlite = new DatabaseSync(file);
  try {
    sqlite.exec("pragma busy_timeout = 0; pragma journal_mode = delete; begin immediate");
    // Between the two somebody may have opened it.
    const mode = sqlite.prepare("pragma journal_mode").get();
    if (mode?.journal_mode !== "delete") throw new Error("Another process has just opened it");
    return sqlite;
  } catch (cause) {
    sqlite.close();
    throw new DatabaseError(`${file} is in use: stop the program that has it open, then try again`, cause);
  }
}

/** Throws when there is no such file. */
export async function requireFile(file: string): Promise<void> {
  if (!await exists(file)) throw new DatabaseError(`File ${file} does not exist`);
}

/** Counts what is in a file; throws when it is no whole database of Parley's. */
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

/** Makes a file that others may still have open no database any more, so that they fail instead of writing into it. */
export function spoil(file: Deno.FsFile): void {
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(HEADER_BYTES));
}

/** Waits until a file is on the disk. */
export async function sync(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  await file.sync();
}

/** Says whether something has this path. */
export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Takes a database away with its side files, if it is there. */
export async function remove(path: string): Promise<void> {
  for (const side of ["", ...SIDE_FILES]) await Deno.remove(`${path}${side}`).catch(() => {});
}

function lineOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n", 1)[0] ?? text;
}
