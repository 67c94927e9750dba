import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import { foldName } from "../../shared/names.ts";
import type { Change } from "../changes.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { authorize } from "./authorize.ts";
import type { ActorRights } from "./authorize.ts";
import { lookOf } from "./name_look.ts";
import { hashSecret } from "./secrets.ts";
import type { OwnersRow, UserRow } from "./user_store.ts";

/** A change to an account, with everything that goes into the same commit. */
export interface UserChange extends Commit {
  readonly row: UserRow;
  /** Notices besides the one that the account has changed. */
  readonly notices?: readonly Change[];
}

/** Returns the rights of a stored account, or throws if the account has ended. */
export function rightsOf(row: UserRow | null): ActorRights {
  if (row === null || row.deactivatedAt !== null) throw sessionEnded();
  return { userId: row.id, role: row.role, isBot: row.isBot };
}

/** What an account may do, and what a commit by it has to check. */
export interface CheckedRights {
  readonly rights: ActorRights;
  readonly checks: readonly Deno.AtomicCheck[];
}

/** Returns the rights of a stored account, or throws if the account, or the maker of the bot, has ended. */
export async function checkedRights(db: Database, user: Deno.KvEntryMaybe<UserRow>): Promise<CheckedRights> {
  const rights = rightsOf(user.value);
  const makerId = user.value?.ownerId ?? null;
  if (makerId === null) return { rights, checks: [user] };
  const maker = await db.get<UserRow>(keys.user(makerId));
  if (!mayHaveBots(maker.value)) throw sessionEnded();
  return { rights, checks: [user, maker] };
}

/** Roles that may not have tokens may not have bots either. */
export function mayHaveBots(maker: UserRow | null): boolean {
  return maker !== null && maker.deactivatedAt === null && maker.role !== "guest";
}

function sessionEnded(): AppError {
  return new AppError("unauthenticated", "The session has ended, sign in again");
}

/** Throws unless the account may do this according to storage, and returns the checks for the commit. */
export async function judge(
  db: Database,
  by: UserId,
  action: "room.create" | "room.openDirect" | "status.manage" | "status.deleteIncident",
): Promise<readonly Deno.AtomicCheck[]> {
  const { rights, checks } = await checkedRights(db, await db.get<UserRow>(keys.user(by)));
  authorize(rights, action, null);
  return checks;
}

/**
 * Returns the commit that ends an account. A person's name stays taken, so that nobody can pose as them later; a
 * bot's name becomes free, or one person could use up all names.
 */
export async function deactivation(db: Database, row: UserRow, nowMs: number): Promise<UserChange> {
  const { id: userId } = row;
  // The name of a bot that has ended may be in use again, and of two lookalike names only one has the look row.
  const isFreed = row.isBot && row.deactivatedAt === null;
  const names = isFreed ? await db.getMany<UserId>(await keysOf(row.name)) : [];
  const own = names.filter(({ value }) => value === userId);
  return {
    row: { ...row, deactivatedAt: row.deactivatedAt ?? new Date(nowMs).toISOString() },
    checks: own,
    deletes: [
      keys.password(userId),
      keys.settings(userId),
      keys.statusText(userId),
      keys.pushShown(userId),
      ...own.map(({ key }) => key),
    ],
    notices: [{ type: "session_ended", userId, sessionId: null, tokenId: null, reason: "deactivated" }],
  };
}

/** Returns the two keys that make a name unique: by its text and by its look. */
export async function keysOf(name: string): Promise<readonly [found: Deno.KvKey, looks: Deno.KvKey]> {
  return [keys.userName(foldName(name)), await lookKey(name)];
}

/** Returns the key of a name's look. */
export async function lookKey(name: string): Promise<Deno.KvKey> {
  return keys.nameLook(hashSecret(await lookOf(name)));
}

/** Whether two keys are equal. */
export function isSameKey(a: Deno.KvKey, b: Deno.KvKey): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** Returns the new row of owners after a change to an account; throws if no owner would be left. */
export function ownersAfter(userIds: readonly UserId[], row: UserRow): [Deno.KvKey, OwnersRow][] {
  const isOwner = row.role === "owner" && row.deactivatedAt === null;
  if (isOwner === userIds.includes(row.id)) return [];
  const next = isOwner ? [...userIds, row.id] : userIds.filter((userId) => userId !== row.id);
  if (next.length === 0) {
    throw new AppError("last_owner", "A workspace needs an owner, make someone else an owner first");
  }
  return [[keys.owners(), { userIds: next }]];
}
