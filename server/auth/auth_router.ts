import * as v from "valibot";
import { AppError } from "../../shared/errors.ts";
import { limitSubject } from "../net/address.ts";
import { noInput, sessionIdSchema } from "../rpc/input_schemas.ts";
import { publicProcedure, router, userProcedure } from "../rpc/trpc.ts";
import {
  loginNameSchema,
  nameSchema,
  passwordSchema,
  secretSchema,
  workspaceNameSchema,
} from "./account_schemas.ts";
import { alreadySetUp } from "./setup_store.ts";
import { describeMe, requireCookie, requireGoodPassword, requireInvite, welcome } from "./sign_in.ts";
import { badCredentials, hashPassword, verifyPassword } from "./verify_password.ts";

/** Runs before input validation: once there is an owner, every call fails the same way. */
const setupProcedure = publicProcedure.use(async ({ ctx, next }) => {
  if (await ctx.services.setups.isSetUp()) throw alreadySetUp();
  return next();
});

/** Signing in and out, and setup. Procedures that set the cookie only work over HTTP. */
export const authRouter = router({
  setup: setupProcedure
    .input(v.strictObject({
      token: secretSchema,
      name: nameSchema,
      password: passwordSchema,
      workspaceName: v.optional(workspaceNameSchema, "Parley"),
    }))
    .mutation(async ({ ctx, input }) => {
      requireCookie(ctx);
      const { registrations, setups } = ctx.services;
      const { token, name, password, workspaceName } = input;
      await setups.require(token);
      await requireGoodPassword(ctx.services, { password, role: "owner", name, path: "password" });
      const passwordHash = await hashPassword(ctx, password);
      const { userAgent } = ctx;
      const setUp = await registrations.setUp({ token, name, passwordHash, workspaceName, userAgent });
      return await welcome(ctx, setUp);
    }),

  register: publicProcedure
    .input(v.strictObject({ invite: secretSchema, name: nameSchema, password: passwordSchema }))
    .mutation(async ({ ctx, input }) => {
      requireCookie(ctx);
      const { attempts, registrations, users } = ctx.services;
      const { invite: code, name, password } = input;
      const role = "member";
      await requireInvite(ctx, code, role);
      // Refuse what can be refused before the expensive hash.
      await requireGoodPassword(ctx.services, { password, role, name, path: "password" });
      await users.requireFree(name, role);
      await attempts.take("register", limitSubject(ctx.address));
      const passwordHash = await hashPassword(ctx, password);
      const { userAgent } = ctx;
      return await welcome(ctx, await registrations.redeem({ code, role, name, passwordHash, userAgent }));
    }),

  joinAsGuest: publicProcedure
    .input(v.strictObject({ invite: secretSchema, name: nameSchema }))
    .mutation(async ({ ctx, input }) => {
      requireCookie(ctx);
      const { attempts, registrations } = ctx.services;
      const { invite: code, name } = input;
      const role = "guest";
      await requireInvite(ctx, code, role);
      await attempts.take("register", limitSubject(ctx.address));
      const { userAgent } = ctx;
      const guest = await registrations.redeem({ code, role, name, passwordHash: null, userAgent });
      return await welcome(ctx, guest);
    }),

  signIn: publicProcedure
    .input(v.strictObject({ name: loginNameSchema, password: passwordSchema }))
    .mutation(async ({ ctx, input }) => {
      requireCookie(ctx);
      const { user, password } = await verifyPassword(ctx, input.name, input.password);
      const newSession = { userId: user.id, role: user.role, userAgent: ctx.userAgent };
      // Fails if the password was changed after it was compared.
      const session = await ctx.services.sessions.start(newSession, [password]);
      if (session === null) throw badCredentials();
      return await welcome(ctx, { user, session });
    }),

  signOut: publicProcedure.input(noInput).mutation(async ({ ctx }) => {
    if (ctx.login !== null) {
      const { userId, sessionId } = ctx.login;
      if (sessionId === null) {
        throw new AppError("not_allowed", "A token cannot sign out, revoke it instead");
      }
      await ctx.services.sessions.tryEnd(userId, sessionId);
    }
    ctx.cookie?.clear();
    return null;
  }),

  me: publicProcedure.input(noInput).query(async ({ ctx }) => {
    const actor = ctx.login === null ? null : await ctx.services.accounts.resolve(ctx.login);
    const user = actor === null ? null : await ctx.services.users.find(actor.userId);
    if (actor === null || user === null) return null;
    return await describeMe(ctx.services, user, actor.sessionId);
  }),

  sessions: userProcedure.input(noInput).query(async ({ ctx }) => {
    const rows = await ctx.services.sessions.list(ctx.actor.userId);
    return rows.map(({ id, createdAt, lastSeenAt, userAgent }) => ({
      id,
      createdAt,
      lastSeenAt,
      userAgent,
      current: id === ctx.actor.sessionId,
    }));
  }),

  revokeSession: userProcedure
    .input(v.strictObject({ sessionId: sessionIdSchema }))
    .mutation(async ({ ctx, input }) => {
      await ctx.services.sessions.end(ctx.actor.userId, input.sessionId, ctx.gone);
      return null;
    }),

  changePassword: userProcedure
    .input(v.strictObject({ current: passwordSchema, next: passwordSchema }))
    .mutation(async ({ ctx, input }) => {
      const { passwords, sessions } = ctx.services;
      const { userId, sessionId, name, role } = ctx.actor;
      const { password } = await verifyPassword(ctx, name, input.current);
      await requireGoodPassword(ctx.services, { password: input.next, role, name, path: "next" });
      const hash = await hashPassword(ctx, input.next);
      const change = { userId, password, hash, keptSessionId: sessionId };
      if (!await passwords.replace(change)) throw badCredentials();
      // Renew the cookie too, if the answer can set it, so that a copy of the old one becomes useless.
      const token = sessionId === null || ctx.cookie === null
        ? null
        : await sessions.rotate(userId, sessionId);
      if (token !== null) ctx.cookie?.set(token);
      return null;
    }),

  resetPassword: publicProcedure
    .input(v.strictObject({ token: secretSchema, password: passwordSchema }))
    .mutation(async ({ ctx, input }) => {
      requireCookie(ctx);
      const { registrations, resets } = ctx.services;
      const { token, password } = input;
      const { name, role } = (await resets.require(token)).user;
      await requireGoodPassword(ctx.services, { password, role, name, path: "password" });
      const passwordHash = await hashPassword(ctx, password);
      const { userAgent } = ctx;
      return await welcome(ctx, await registrations.resetPassword({ token, passwordHash, userAgent }));
    }),
});
