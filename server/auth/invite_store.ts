import { AppError } from "../../shared/errors.ts";
import { newId, newInviteCode } from "../../shared/ids.ts";
import type { InviteId, RoomId, UserId } from "../../shared/ids.ts";
import { INVITES_LISTED_MAX_COUNT } from "../../shared/limits.ts";
import type { Workspace } from "../../shared/workspace.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { MemberRow, RoomRow } from "../rooms/room_records.ts";
import { isAllowed } from "./authorize.ts";
import { hashSecret } from "./secrets.ts";
import type { UserRow } from "./user_store.ts";

/** An invitation as stored, without its code. */
export interface InviteRow {
  readonly id: InviteId;
  readonly codeHash: string;
  readonly role: "member" | "guest";
  /** The first room of whoever uses it; null for the general room only. */
  readonly roomId: RoomId | null;
  readonly uses: number;
  readonly maxUses: number;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly by: UserId;
}

/** An invitation to be created. */
export interface NewInvite {
  readonly role: "member" | "guest";
  readonly roomId: RoomId | null;
  readonly maxUses: number;
  readonly expiresInMs: number;
  readonly by: UserId;
}

/** An invitation that can be used right now. */
export interface UsableInvite {
  readonly entry: Deno.KvEntry<InviteRow>;
  readonly roomName: string | null;
  /** What the commit that uses it has to check: the invitation itself, and the rights it depends on. */
  readonly checks: readonly Deno.AtomicCheck[];
}

interface InviteWorth {
  readonly roomName: string | null;
  readonly checks: readonly Deno.AtomicCheck[];
}

export interface InviteStoreOptions {
  readonly db: Database;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Invitations: 128-bit codes, stored as hashes, valid only while their maker may invite. */
export class InviteStore {
  readonly #db: Database;
  readonly #now: () => number;

  constructor(options: InviteStoreOptions) {
    this.#db = options.db;
    this.#now = options.now;
  }

  /** Creates an invitation. The code cannot be read again later. */
  async create(invite: NewInvite): Promise<{ id: InviteId; code: string }> {
    const code = newInviteCode();
    const codeHash = hashSecret(code);
    const now = this.#now();
    const row: InviteRow = {
      id: newId<InviteId>(),
      codeHash,
      role: invite.role,
      roomId: invite.roomId,
      uses: 0,
      maxUses: invite.maxUses,
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + invite.expiresInMs).toISOString(),
      by: invite.by,
    };
    await this.#db.commit({ sets: [[keys.inviteById(row.id), row], [keys.invite(codeHash), row.id]] });
    return { id: row.id, code };
  }

  /** Returns the invitation of a code, or null if it cannot be used, for whatever reason. */
  async findUsable(code: string): Promise<UsableInvite | null> {
    const { value: inviteId } = await this.#db.get<InviteId>(keys.invite(hashSecret(code)));
    if (inviteId === null) return null;
    const entry = await this.#db.get<InviteRow>(keys.inviteById(inviteId));
    if (entry.value === null || !this.#isOpen(entry.value)) return null;
    const worth = await this.#worthOf(entry.value);
    return worth === null ? null : { entry, roomName: worth.roomName, checks: [entry, ...worth.checks] };
  }

  /**
   * Throws unless a used invitation still stands and its maker may still bring people into its room; returns the
   * checks for the commit that joins.
   */
  async judge(inviteId: InviteId): Promise<Deno.AtomicCheck[]> {
    const entry = await this.#db.get<InviteRow>(keys.inviteById(inviteId));
    const worth = entry.value === null ? null : await this.#worthOf(entry.value);
    if (worth === null) throw inviteInvalid();
    return [entry, ...worth.checks];
  }

  /** Returns an invitation by its id, or null. */
  async find(inviteId: InviteId): Promise<InviteRow | null> {
    return (await this.#db.get<InviteRow>(keys.inviteById(inviteId))).value;
  }

  /** Returns the invitations that can still be used, of one maker or of all, newest first. */
  async list(by: UserId | null): Promise<InviteRow[]> {
    const entries = await this.#db.list<InviteRow>(keys.invites(), { limit: INVITES_LISTED_MAX_COUNT });
    return entries.map(({ value }) => value)
      .filter((row) => this.#isOpen(row) && (by === null || row.by === by))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  /** Revokes an invitation. Its code then gets the same answer as an unknown one. */
  async revoke(invite: InviteRow): Promise<void> {
    await this.#db.commit({ deletes: [keys.inviteById(invite.id), keys.invite(invite.codeHash)] });
  }

  /** Returns what an invitation grants, given the current rights of its maker; null for nothing. */
  async #worthOf({ role, roomId, by }: InviteRow): Promise<InviteWorth | null> {
    const [maker, workspace, room, member] = await this.#db.getMany<unknown>([
      keys.user(by),
      keys.workspace(),
      ...(roomId === null ? [] : [keys.room(roomId), keys.member(roomId, by)]),
    ]) as [
      Deno.KvEntryMaybe<UserRow>,
      Deno.KvEntryMaybe<Workspace>,
      Deno.KvEntryMaybe<RoomRow>?,
      Deno.KvEntryMaybe<MemberRow>?,
    ];
    if (maker.value === null || maker.value.deactivatedAt !== null) return null;
    if (room !== undefined && (room.value === null || room.value.archivedAt !== null)) return null;
    const membersMayInvite = workspace.value?.membersMayInvite ?? false;
    const invite = {
      role,
      room: room?.value ? { kind: room.value.kind, membership: member?.value?.role ?? null } : null,
      membersMayInvite,
    };
    const actor = { userId: by, role: maker.value.role, isBot: maker.value.isBot };
    if (!isAllowed(actor, "invites.create", invite)) return null;
    return {
      roomName: room?.value?.name ?? null,
      checks: [maker, workspace, ...(member === undefined ? [] : [member])],
    };
  }

  #isOpen(row: InviteRow): boolean {
    return row.uses < row.maxUses && this.#now() < Date.parse(row.expiresAt);
  }
}

/** The error for every code that cannot be used: wrong, expired, used up and revoked codes look alike. */
export function inviteInvalid(): AppError {
  return new AppError("invite_invalid", "This invitation is not valid or has expired");
}
