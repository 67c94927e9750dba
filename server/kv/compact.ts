import { check, copyInto, folderOf, holdUnused, requireFile, spoil } from "./database_file.ts";
import type { Copied } from "./database_file.ts";
import { takeLock } from "./open_database.ts";

/**
 * Rewrites a database that is not in use with its rows only, so that deleted and overwritten text leaves the file.
 * Throws a DatabaseError with a line for the operator.
 */
export async function compact(file: string): Promise<Copied & { readonly beforeBytes: number }> {
  await requireFile(file);
  using _lock = await takeLock(folderOf(file));
  using _hold = holdUnused(file);
  const { sizeBytes: beforeBytes } = await check(file);
  const partial = `${file}.partial`;
  const copied = await copyInto(partial, file, file);
  using replaced = await Deno.open(file, { read: true, write: true });
  await Deno.rename(partial, file);
  // A process that has opened the old file in the meantime would believe its writes were stored; make them fail
  // instead.
  spoil(replaced);
  return { ...copied, file, beforeBytes };
}
