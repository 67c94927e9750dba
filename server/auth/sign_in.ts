import { AppError } from "../../shared/errors.ts";
import type { SessionId } from "../../shared/ids.ts";
import { findPasswordProblem, normalizePassword } from "../../shared/passwords.ts";
import type { Me, Role } from "../../shared/user.ts";
import type { Context, SessionCookie } from "../rpc/context.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import { limitSubject } from "../net/address.ts";
import type { Services } from "../services.ts";
import { inviteInvalid } from "./invite_store.ts";
import type { UsableInvite } from "./invite_store.ts";
import type { SignedIn } from "./registration_store.ts";
import type { UserRow } from "./user_store.ts";

/** Returns the cookie to set, or throws if the call did not come over HTTP. */
export function requireCookie(ctx: Context): SessionCookie {
  if (ctx.cookie === null) {
    throw new AppError("invalid_request", "Sign in over HTTP: only an HTTP answer can set the cookie");
  }
  return ctx.cookie;
}

/** Looks up an invitation, counting wrong codes from this address; throws `invite_invalid`. */
export async function requireInvite(
  ctx: Context,
  code: string,
  role: "member" | "guest" | null,
): Promise<UsableInvite> {
  const { attempts, invites } = ctx.services;
  const find = async () => {
    const invite = await invites.findUsable(code);
    return role === null || invite?.entry.value.role === role ? invite : null;
  };
  const invite = await attempts.countInTurn("invite", limitSubject(ctx.address), find);
  if (invite === null) throw inviteInvalid();
  return invite;
}

/** A new password and the person it is for. */
export interface NewPassword {
  readonly password: string;
  readonly role: Role;
  readonly name: string;
  /** The input field to name in the error. */
  readonly path: string;
}

/** Checks a new password against the rules for its role. */
export async function requireGoodPassword(services: Services, wanted: NewPassword): Promise<void> {
  const { password, role, name, path } = wanted;
  const names = [name, (await services.workspace.get()).name];
  const problem = findPasswordProblem(normalizePassword(password), { role, names });
  if (problem !== null) throw invalidInput(path, problem);
}

/** Completes a sign-in: sets the cookie, ends the previous session of this browser and joins pending rooms. */
export async function welcome(ctx: Context, { user, session }: SignedIn): Promise<Me> {
  requireCookie(ctx).set(session.token);
  const before = ctx.login;
  // If somebody planted or saw the old cookie, it no longer works.
  if (before !== null && before.sessionId !== null) {
    await ctx.services.sessions.tryEnd(before.userId, before.sessionId);
  }
  await ctx.services.pendingRooms.join(user.id);
  return await describeMe(ctx.services, user, session.row.id);
}

/** Returns what `auth.me` says of the signed-in person. */
export async function describeMe(
  services: Services,
  user: UserRow,
  sessionId: SessionId | null,
): Promise<Me> {
  const { name: workspaceName } = await services.workspace.get();
  const { id, name, role, createdAt } = user;
  const passwordResets = sessionId === null ? [] : await services.passwordResets.recent(id);
  return { id, name, role, sessionId, workspaceName, createdAt, passwordResets };
}
