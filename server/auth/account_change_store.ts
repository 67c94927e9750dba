import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import { foldName } from "../../shared/names.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { ChangeNotice } from "../streams/feed.ts";
import { authorize } from "./authorize.ts";
import type { ActorRights } from "./authorize.ts";
import { lookOf } from "./name_look.ts";
import { hashSecret } from "./secrets.ts";
import type { OwnersRow, UserRow } from "./user_store.ts";

/** What becomes of an account, and what goes into the same commit. */
export interface UserChange extends Commit {
  readonly row: UserRow;
  /** What others hear beside that the account has changed. */
  readonly notices?: readonly ChangeNotice[];
}

/** Gives the rights of an account as it is stored; throws for one that has ended. */
export function rightsOf(row: UserRow | null): ActorRights {
  if (row === null || row.deactivatedAt !== null) {
    throw new AppError("unauthenticated", "The session has ended, sign in again");
  }
  return { userId: row.id, role: row.role, isBot: row.isBot };
}

/** Throws unless an account may do this by what storage says now; gives what the commit has to check. */
export async function judge(
  db: Database,
  by: UserId,
  action: "room.create" | "room.openDirect",
): Promise<Deno.AtomicCheck> {
  const user = await db.get<UserRow>(keys.user(by));
  authorize(rightsOf(user.value), action, null);
  return user;
}

/**
 * Ends an account. The name of a person stays taken, so that nobody can pass for who has left; that of a bot is free
 * again, or one person could use up all names.
 */
export async function deactivation(db: Database, row: UserRow, nowMs: number): Promise<UserChange> {
  const { id: userId } = row;
  // Once it has ended, the name may be somebody else's; and of two that look alike one alone has the look.
  const isFreed = row.isBot && row.deactivatedAt === null;
  const names = isFreed ? await db.getMany<UserId>(await keysOf(row.name)) : [];
  const own = names.filter(({ value }) => value === userId);
  return {
    row: { ...row, deactivatedAt: row.deactivatedAt ?? new Date(nowMs).toISOString() },
    checks: own,
    deletes: [keys.password(userId), keys.statusText(userId), ...own.map(({ key }) => key)],
    notices: [{ type: "session_ended", userId, sessionId: null, tokenId: null, reason: "deactivated" }],
  };
}

/** Gives where a name stands: it is somebody's alone as it is found and as it looks. */
export async function keysOf(name: string): Promise<readonly [found: Deno.KvKey, looks: Deno.KvKey]> {
  return [keys.userName(foldName(name)), await lookKey(name)];
}

/** Gives where the look of a name stands. */
export async function lookKey(name: string): Promise<Deno.KvKey> {
  return keys.nameLook(hashSecret(await lookOf(name)));
}

/** Says whether two keys are the same. */
export function isSameKey(a: Deno.KvKey, b: Deno.KvKey): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** Gives the change of the owners' row that goes with a change of an account; the last one stays. */
export function ownersAfter(userIds: readonly UserId[], row: UserRow): [Deno.KvKey, OwnersRow][] {
  const isOwner = row.role === "owner" && row.deactivatedAt === null;
  if (isOwner === userIds.includes(row.id)) return [];
  const next = isOwner ? [...userIds, row.id] : userIds.filter((userId) => userId !== row.id);
  if (next.length === 0) {
    throw new AppError("last_owner", "The last owner stays: make somebody else owner first");
  }
  return [[keys.owners(), { userIds: next }]];
}
