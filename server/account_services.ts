import { AccountStore } from "./auth/account_store.ts";
import { AttemptStore } from "./auth/attempt_store.ts";
import { ExpiryStore } from "./auth/expiry_store.ts";
import { InviteStore } from "./auth/invite_store.ts";
import { Links } from "./auth/links.ts";
import { PasswordHasher } from "./auth/password.ts";
import type { PasswordCost } from "./auth/password.ts";
import { PasswordResetStore } from "./auth/password_reset_store.ts";
import { PasswordStore } from "./auth/password_store.ts";
import { PendingRoomStore } from "./auth/pending_room_store.ts";
import { PendingTries } from "./auth/pending_tries.ts";
import { RegistrationStore } from "./auth/registration_store.ts";
import { ResetStore } from "./auth/reset_store.ts";
import { SessionStore } from "./auth/session_store.ts";
import { SetupStore } from "./auth/setup_store.ts";
import { StatusBotStore } from "./auth/status_bot_store.ts";
import { TokenStore } from "./auth/token_store.ts";
import { UserStore } from "./auth/user_store.ts";
import type { Feed } from "./changes.ts";
import type { Database } from "./kv/database.ts";
import { RowUpdates } from "./kv/row_updates.ts";
import type { Log } from "./log.ts";
import type { RoomStore } from "./rooms/room_store.ts";
import { WorkspaceStore } from "./workspace/workspace_store.ts";

/** The services for accounts and signing in. */
export interface AccountServices {
  readonly accounts: AccountStore;
  readonly users: UserStore;
  readonly statusBot: StatusBotStore;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  readonly setups: SetupStore;
  readonly invites: InviteStore;
  readonly resets: ResetStore;
  readonly registrations: RegistrationStore;
  readonly pendingRooms: PendingRoomStore;
  readonly passwords: PasswordStore;
  readonly passwordResets: PasswordResetStore;
  readonly hasher: PasswordHasher;
  readonly pendingTries: PendingTries;
  readonly attempts: AttemptStore;
  readonly expiry: ExpiryStore;
  readonly links: Links;
  readonly workspace: WorkspaceStore;
}

export interface AccountServicesOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly log: Log;
  readonly rooms: RoomStore;
  /** The origin that people use to reach the server; called when a link is created. */
  readonly publicUrl: () => string;
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
  /** A lower cost is for tests only. */
  readonly passwordCost?: PasswordCost;
}

/** Creates the account services. Close `accounts` at the end. */
export function createAccountServices(options: AccountServicesOptions): AccountServices {
  const { db, feed, log, rooms, publicUrl, now = Date.now, passwordCost } = options;
  // Shared by all account stores, because changes to a person check the person's row.
  const updates = new RowUpdates();
  const users = new UserStore({ db, feed, updates, now });
  const statusBot = new StatusBotStore({ db, feed, updates, users });
  const sessions = new SessionStore({ db, feed, now });
  const tokens = new TokenStore({ db, feed, updates, users, now });
  const setups = new SetupStore({ db, now });
  const invites = new InviteStore({ db, now });
  const resets = new ResetStore({ db, updates, now });
  const passwordResets = new PasswordResetStore({ db, now });
  return {
    accounts: new AccountStore({ db, feed, sessions, tokens, now }),
    users,
    statusBot,
    sessions,
    tokens,
    setups,
    invites,
    resets,
    registrations: new RegistrationStore({
      db,
      feed,
      updates,
      users,
      statusBot,
      sessions,
      setups,
      invites,
      resets,
      passwordResets,
    }),
    pendingRooms: new PendingRoomStore({ db, log, rooms, invites }),
    passwords: new PasswordStore({ db, feed, updates, sessions }),
    passwordResets,
    hasher: new PasswordHasher(passwordCost),
    pendingTries: new PendingTries(),
    attempts: new AttemptStore({ db, now }),
    expiry: new ExpiryStore({ db, feed, now }),
    links: new Links(publicUrl),
    workspace: new WorkspaceStore(db),
  };
}
