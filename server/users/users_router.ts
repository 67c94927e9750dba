import * as v from "valibot";
import { RESET_LINK_RATE } from "../../shared/limits.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Page, User } from "../../shared/user.ts";
import { nameSchema } from "../auth/account_schemas.ts";
import { authorize } from "../auth/authorize.ts";
import type { UserRow } from "../auth/user_store.ts";
import { toUser } from "../auth/user_store.ts";
import { encodeCursor, pageEntries, userIdSchema } from "../rpc/input_schemas.ts";
import type { Services } from "../services.ts";
import { router, sessionProcedure, userProcedure } from "../rpc/trpc.ts";

const ROLE_MESSAGE = 'Must be "owner", "admin", "member" or "guest"';

/** `users.*`: accounts and roles. */
export const usersRouter = router({
  list: userProcedure
    .input(v.optional(v.strictObject(pageEntries), {}))
    .query(async ({ ctx, input }): Promise<Page<User>> => {
      authorize(ctx.actor, "users.list", null);
      const { cursor = null, limit } = input;
      const found = ctx.actor.role === "guest"
        ? await listNeighbours(ctx.services, ctx.actor.userId, cursor, limit + 1)
        : await ctx.services.users.list(limit + 1, cursor);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, cursor: found.length > limit && last !== undefined ? encodeCursor(last.id) : null };
    }),

  setRole: userProcedure
    .input(v.strictObject({
      userId: userIdSchema,
      role: v.picklist(["owner", "admin", "member", "guest"], ROLE_MESSAGE),
    }))
    .mutation(async ({ ctx, input }) => {
      authorize(ctx.actor, "users.manage", null);
      const { pendingRooms, tokens, users } = ctx.services;
      const { userId, role: nextRole } = input;
      const row = await users.setRole(userId, nextRole, ctx.actor.userId, ctx.gone);
      if (nextRole === "guest") await tokens.revokeAll(userId);
      await pendingRooms.join(userId);
      return toUser(row);
    }),

  deactivate: userProcedure
    .input(v.strictObject({ userId: userIdSchema }))
    .mutation(async ({ ctx, input }) => {
      const { users } = ctx.services;
      // Callers who may not manage accounts must not learn which exist.
      if (await users.find(input.userId) === null) authorize(ctx.actor, "users.manage", null);
      const row = await users.deactivate(input.userId, ctx.actor.userId, ctx.gone);
      await endAllOf(ctx.services, row);
      return toUser(row);
    }),

  rename: userProcedure
    .input(v.strictObject({ name: nameSchema }))
    .mutation(async ({ ctx, input }) => {
      authorize(ctx.actor, "users.rename", null);
      return toUser(await ctx.services.users.rename(ctx.actor.userId, input.name, ctx.gone));
    }),

  makeResetLink: sessionProcedure
    .input(v.strictObject({ userId: userIdSchema }))
    .mutation(async ({ ctx, input }) => {
      authorize(ctx.actor, "users.manage", null);
      const { limits, links, resets } = ctx.services;
      limits.take("reset_link", ctx.actor.accountId, RESET_LINK_RATE);
      return { url: links.reset(await resets.issue(input.userId, ctx.actor.userId, ctx.gone)) };
    }),
});

/** Guests see themselves and the people with whom they share a room. */
async function listNeighbours(
  services: Services,
  userId: UserId,
  after: string | null,
  limit: number,
): Promise<User[]> {
  const { userIds } = await services.rooms.members.neighboursOf(userId);
  const ids = [...userIds].filter((id) => after === null || id > after).sort();
  return await services.users.findMany(ids.slice(0, limit));
}

/** Ends everything that belongs to a deactivated account. Safe to repeat after a crash. */
async function endAllOf({ sessions, tokens }: Services, { id, ownerId }: UserRow): Promise<void> {
  await sessions.endAll(id, null);
  // A bot's tokens are in its owner's list.
  if (ownerId !== null) await tokens.revokeAll(ownerId, id);
  await tokens.revokeAll(id);
}
