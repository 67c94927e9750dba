import { newInviteCode } from "../../shared/ids.ts";
import {
  check,
  copyInto,
  exists,
  folderOf,
  makeWhole,
  remove,
  requireFile,
  requireUnused,
  sync,
} from "./database_file.ts";
import type { Copied } from "./database_file.ts";
import { keys } from "./keys.ts";
import { DatabaseError, SIDE_FILES, takeLock } from "./open_database.ts";
import { closeToOthers, makePrivateFolder } from "./private_files.ts";

/**
 * Copies a database that Parley or denokv may be using. The copy is consistent and contains everything acknowledged
 * before the call, but nothing deleted or overwritten. Throws a DatabaseError with a line for the operator.
 */
export async function backUp(file: string, target: string): Promise<Copied> {
  await requireFile(file);
  if (await exists(target)) throw new DatabaseError(`${target} already exists: name a new file`);
  const partial = `${target}.partial`;
  const copied = await copyInto(partial, file, target);
  await Deno.rename(partial, target);
  return { ...copied, file: target };
}

/**
 * Replaces a database that is not in use with a copy, which gets a new epoch: clients and running instances notice
 * and start over. The previous files are kept beside it.
 */
export async function restore(
  copy: string,
  file: string,
): Promise<Copied & { readonly kept: string | null }> {
  await requireFile(copy);
  await check(copy);
  const folder = folderOf(file);
  await makePrivateFolder(folder);
  using _lock = await takeLock(folder);
  if (await exists(file)) requireUnused(file);
  const partial = `${file}.partial`;
  await remove(partial);
  await Deno.copyFile(copy, partial);
  await closeToOthers(partial);
  await beginNewLife(partial);
  const copied = { ...await check(partial), file };
  await sync(partial);
  const kept = await exists(file) ? `${file}.before-${new Date().toISOString().replaceAll(":", "")}` : null;
  if (kept !== null) {
    await Deno.rename(file, kept);
    await closeToOthers(kept);
  }
  for (const side of SIDE_FILES) {
    if (kept !== null && await exists(`${file}${side}`)) {
      await Deno.rename(`${file}${side}`, `${kept}${side}`);
    }
  }
  await Deno.rename(partial, file);
  return { ...copied, kept };
}

/** Sets a new epoch, and deletes the messages between instances of the old one, and what was left to push then. */
async function beginNewLife(file: string): Promise<void> {
  const kv = await Deno.openKv(file);
  try {
    for (
      const prefix of [keys.feeds(), keys.feedFloors(), keys.bells(), keys.instances(), keys.pushClaims()]
    ) {
      for await (const { key } of kv.list({ prefix })) await kv.delete(key);
    }
    await kv.set(keys.epoch(), newInviteCode());
  } finally {
    kv.close();
  }
  makeWhole(file);
}
