import type { RoomId } from "../../shared/ids.ts";
import type { Role } from "../../shared/user.ts";
import type { Workspace } from "../../shared/workspace.ts";
import type { Feed } from "../changes.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RowUpdates } from "../kv/row_updates.ts";
import { inviteInvalid } from "./invite_store.ts";
import type { InviteRow, InviteStore } from "./invite_store.ts";
import type { PasswordResetStore } from "./password_reset_store.ts";
import type { ResetStore } from "./reset_store.ts";
import { hashSecret } from "./secrets.ts";
import type { PreparedSession, SessionStore } from "./session_store.ts";
import type { SetupStore } from "./setup_store.ts";
import type { StatusBotStore } from "./status_bot_store.ts";
import type { OwnersRow, UserRow, UserStore } from "./user_store.ts";

export interface RegistrationStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly updates: RowUpdates;
  readonly users: UserStore;
  readonly statusBot: StatusBotStore;
  readonly sessions: SessionStore;
  readonly setups: SetupStore;
  readonly invites: InviteStore;
  readonly resets: ResetStore;
  readonly passwordResets: PasswordResetStore;
}

/** The first owner and the workspace. */
export interface SetupOptions {
  readonly token: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly workspaceName: string;
  readonly userAgent: string;
}

/** A person who accepts an invitation; a guest has no password. */
export interface RedeemOptions {
  readonly code: string;
  readonly role: "member" | "guest";
  readonly name: string;
  readonly passwordHash: string | null;
  readonly userAgent: string;
}

/** A person who sets a new password with a link. */
export interface ResetOptions {
  readonly token: string;
  readonly passwordHash: string;
  readonly userAgent: string;
}

/** A user with a new session. */
export interface SignedIn {
  readonly user: UserRow;
  readonly session: PreparedSession;
}

/** Redeems links: a single commit creates the account or the password, starts a session and uses up the link. */
export class RegistrationStore {
  readonly #options: RegistrationStoreOptions;

  constructor(options: RegistrationStoreOptions) {
    this.#options = options;
  }

  /** Creates the first owner, the workspace and its bot. If two people try at once, one gets `already_set_up`. */
  setUp({ token, name, passwordHash, workspaceName, userAgent }: SetupOptions): Promise<SignedIn> {
    const { db, updates, users, statusBot, sessions, setups } = this.#options;
    return updates.run(keys.workspace(), async () => {
      const setup = await setups.require(token);
      const prepared = await users.prepare({ name, role: "owner", rooms: ["general"] });
      const bot = await statusBot.prepare(prepared.commit.sets.map(([key]) => key));
      const session = sessions.prepare({ userId: prepared.row.id, role: "owner", userAgent });
      const workspace: Workspace = { name: workspaceName, membersMayInvite: false };
      const owners: OwnersRow = { userIds: [prepared.row.id] };
      const versionstamp = await db.commit({
        checks: [
          setup,
          { key: keys.workspace(), versionstamp: null },
          ...prepared.commit.checks,
          ...bot.commit.checks,
        ],
        sets: [
          [keys.workspace(), workspace],
          [keys.owners(), owners],
          [keys.password(prepared.row.id), passwordHash],
          ...prepared.commit.sets,
          ...bot.commit.sets,
          ...session.sets,
        ],
        deletes: [setup.key],
      });
      return versionstamp === null ? null : { user: prepared.row, session };
    });
  }

  /** Creates an account from an invitation. Each use counts exactly once, also when many come at the same moment. */
  redeem({ code, role, name, passwordHash, userAgent }: RedeemOptions): Promise<SignedIn> {
    const { db, feed, updates, users, sessions, invites } = this.#options;
    return updates.run(keys.invite(hashSecret(code)), async () => {
      const invite = await invites.findUsable(code);
      if (invite === null || invite.entry.value.role !== role) throw inviteInvalid();
      const { entry, checks } = invite;
      const prepared = await users.prepare({
        name,
        role,
        rooms: firstRooms(role, entry.value),
        invite: entry.value,
      });
      const session = sessions.prepare({ userId: prepared.row.id, role, userAgent });
      const used: InviteRow = { ...entry.value, uses: entry.value.uses + 1 };
      const commit = {
        checks: [...checks, ...prepared.commit.checks],
        sets: [
          [entry.key, used],
          ...prepared.commit.sets,
          ...session.sets,
          ...(passwordHash === null ? [] : [[keys.password(prepared.row.id), passwordHash] as const]),
        ],
      } satisfies Commit;
      const versionstamp = await feed.commit(db, commit, [{ type: "user_changed", userId: prepared.row.id }]);
      return versionstamp === null ? null : { user: prepared.row, session };
    });
  }

  /** Sets a new password with a link, ends all sessions, starts a new one and records who made the link. */
  async resetPassword({ token, passwordHash, userAgent }: ResetOptions): Promise<SignedIn> {
    const { db, feed, updates, sessions, resets, passwordResets } = this.#options;
    const { id } = (await resets.require(token)).user;
    const signedIn = await updates.run(keys.user(id), async () => {
      const { user, by, commit } = await resets.require(token);
      const session = sessions.prepare({ userId: id, role: user.role, userAgent });
      const noted = await passwordResets.note(id, by);
      const ending = await sessions.ending(id, null);
      const change = {
        checks: [...commit.checks, ...noted.checks],
        sets: [[keys.password(id), passwordHash], ...session.sets, ...noted.sets],
        deletes: [...commit.deletes, ...ending.deletes],
      } satisfies Commit;
      const versionstamp = await feed.commit(db, change, ending.notices);
      return versionstamp === null ? null : { user, session };
    });
    // Those that started with the old password at the same moment.
    await sessions.endAll(id, signedIn.session.row.id);
    return signedIn;
  }
}

function firstRooms(role: Role, invite: InviteRow): (RoomId | "general")[] {
  const invited = invite.roomId === null ? [] : [invite.roomId];
  return role === "guest" ? invited : ["general", ...invited];
}
