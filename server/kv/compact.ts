import { check, copyInto, folderOf, remove, requireFile, requireUnused } from "./database_file.ts";
import type { Copied } from "./database_file.ts";
import { SIDE_FILES, takeLock } from "./open_database.ts";

/**
 * Writes a database that nobody uses anew, with its rows alone: deleted and overwritten text leaves the file. Throws a
 * DatabaseError with a line for the operator.
 */
export async function compact(file: string): Promise<Copied & { readonly beforeBytes: number }> {
  await requireFile(file);
  using _lock = await takeLock(folderOf(file));
  requireUnused(file);
  const { sizeBytes: beforeBytes } = await check(file);
  const partial = `${file}.partial`;
  const copied = await copyInto(partial, file, file);
  await Deno.rename(partial, file);
  // They belong to the file that was replaced.
  for (const side of SIDE_FILES) await remove(`${file}${side}`);
  return { ...copied, file, beforeBytes };
}
