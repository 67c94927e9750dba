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

/** An invitation as stored; the code itself is nowhere. */
export interface InviteRow {
  readonly id: InviteId;
  readonly codeHash: string;
  readonly role: "member" | "guest";
  /** Where whoever comes by it goes first; null for the room of all. */
  readonly roomId: RoomId | null;
  readonly uses: number;
  readonly maxUses: number;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly by: UserId;
}

/** An invitation that is to be made. */
export interface NewInvite {
  readonly role: "member" | "guest";
  readonly roomId: RoomId | null;
  readonly maxUses: number;
  readonly expiresInMs: number;
  readonly by: UserId;
}

/** An invitation that holds right now. */
export interface UsableInvite {
  readonly entry: Deno.KvEntry<InviteRow>;
  readonly roomName: string | null;
  /** What the commit that uses it has to check: it, and all that it is worth. */
  readonly checks: readonly Deno.AtomicCheck[];
}

interface InviteWorth {
  readonly roomName: string | null;
  readonly checks: readonly Deno.AtomicCheck[];
}

/** What the store works with. */
export interface InviteStoreOptions {
  readonly db: Database;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Invitations: 128-bit codes, stored as hashes, worth what their maker may do at the moment of use. */
export class InviteStore {
  readonly #db: Database;
  readonly #now: () => number;

  /** Works on `db`. */
  constructor(options: InviteStoreOptions) {
    this.#db = options.db;
    this.#now = options.now;
  }

  /** Makes an invitation and its code, which is shown only now. */
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

  /** Gives the invitation of a code if it can be used right now; null for every reason why not. */
  async findUsable(code: string): Promise<UsableInvite | null> {
    const { value: inviteId } = await this.#db.get<InviteId>(keys.invite(hashSecret(code)));
    if (inviteId === null) return null;
    const entry = await this.#db.get<InviteRow>(keys.inviteById(inviteId));
    if (entry.value === null || !this.#isOpen(entry.value)) return null;
    const worth = await this.#worthOf(entry.value);
    return worth === null ? null : { entry, roomName: worth.roomName, checks: [entry, ...worth.checks] };
  }

  /**
   * Throws unless the maker of a used invitation may still bring people into its room and nobody has taken it back;
   * gives what the commit of the join has to check.
   */
  async judge(inviteId: InviteId): Promise<Deno.AtomicCheck[]> {
    const entry = await this.#db.get<InviteRow>(keys.inviteById(inviteId));
    const worth = entry.value === null ? null : await this.#worthOf(entry.value);
    if (worth === null) throw inviteInvalid();
    return [entry, ...worth.checks];
  }

  /** Gives an invitation by its id; null when there is none. */
  async find(inviteId: InviteId): Promise<InviteRow | null> {
    return (await this.#db.get<InviteRow>(keys.inviteById(inviteId))).value;
  }

  /** Gives the invitations that are neither used up nor over, of one maker or of all, newest first. */
  async list(by: UserId | null): Promise<InviteRow[]> {
    const entries = await this.#db.list<InviteRow>(keys.invites(), { limit: INVITES_LISTED_MAX_COUNT });
    return entries.map(({ value }) => value)
      .filter((row) => this.#isOpen(row) && (by === null || row.by === by))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  /** Ends an invitation; who holds its code hears the same as of one that never was. */
  async revoke(invite: InviteRow): Promise<void> {
    await this.#db.commit({ deletes: [keys.inviteById(invite.id), keys.invite(invite.codeHash)] });
  }

  /** What an invitation is worth by what its maker may do right now; null for nothing. */
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

/** What everybody hears whose code cannot be used: wrong, over, used up and revoked look alike. */
export function inviteInvalid(): AppError {
  return new AppError("invite_invalid", "This invitation is not valid, or not any more");
}
