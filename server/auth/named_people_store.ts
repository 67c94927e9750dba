import type { UserId } from "../../shared/ids.ts";
import { listMentionCandidates } from "../../shared/mentions.ts";
import { foldName } from "../../shared/names.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";

/** Finds the people whose names a text could mention, by their folded names. */
export async function findNamed(db: Database, text: string): Promise<ReadonlyMap<string, UserId>> {
  const people = new Map<string, UserId>();
  const candidates = listMentionCandidates(text, foldName);
  if (candidates.length === 0) return people;
  const entries = await db.getMany<UserId>(candidates.map((folded) => keys.userName(folded)));
  for (const [index, { value }] of entries.entries()) {
    const folded = candidates[index];
    if (value !== null && folded !== undefined) people.set(folded, value);
  }
  return people;
}
