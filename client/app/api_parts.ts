import type { AdminApi } from "../admin/admin_api.ts";
import type { Trpc } from "../net/trpc.ts";
import type { AccountApi } from "../settings/account_api.ts";
import { PAGE_MAX_COUNT } from "../../shared/limits.ts";
import type { Page, User } from "../../shared/user.ts";

/** What the own account's settings need. */
export function accountApiOf(trpc: Trpc): AccountApi {
  return {
    rename: (name) => trpc.users.rename.mutate({ name }),
    changePassword: (current, next) => trpc.auth.changePassword.mutate({ current, next }),
    sessions: () => trpc.auth.sessions.query(),
    revokeSession: (sessionId) => trpc.auth.revokeSession.mutate({ sessionId }),
    tokens: () => trpc.tokens.list.query(),
    createToken: (input) => trpc.tokens.create.mutate(input),
    revokeToken: (tokenId) => trpc.tokens.revoke.mutate({ tokenId }),
  };
}

/** What inviting and running the place need. */
export function adminApiOf(trpc: Trpc): AdminApi {
  return {
    users: () => allUsers(trpc),
    setRole: (userId, role) => trpc.users.setRole.mutate({ userId, role }),
    deactivate: (userId) => trpc.users.deactivate.mutate({ userId }),
    makeResetLink: (userId) => trpc.users.makeResetLink.mutate({ userId }),
    invites: () => trpc.invites.list.query(),
    createInvite: (invite) => trpc.invites.create.mutate(invite),
    revokeInvite: (inviteId) => trpc.invites.revoke.mutate({ inviteId }),
    workspace: () => trpc.workspace.get.query(),
    updateWorkspace: (change) => trpc.workspace.update.mutate(change),
  };
}

async function allUsers(trpc: Trpc): Promise<User[]> {
  const users: User[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<User> = await trpc.users.list.query({
      limit: PAGE_MAX_COUNT,
      ...(cursor === null ? {} : { cursor }),
    });
    users.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== null);
  return users;
}
