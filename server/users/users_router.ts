import * as v from "valibot";
import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Page, User } from "../../shared/user.ts";
import { nameSchema } from "../auth/account_schemas.ts";
import { authorize } from "../auth/authorize.ts";
import type { UserRow } from "../auth/user_store.ts";
import { toUser } from "../auth/user_store.ts";
import { encodeCursor, pageEntries, userIdSchema } from "../input_schemas.ts";
import type { Services } from "../services.ts";
import { router, userProcedure } from "../trpc.ts";

const ROLE_MESSAGE = 'Must be "owner", "admin", "member" or "guest"';

/** Who is here, and what they may do. */
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
      const { pendingRooms, resets, tokens, users } = ctx.services;
      const { userId, role: nextRole } = input;
      const row = await users.setRole(userId, nextRole, ({ role, isBot, ownerId }) => {
        authorize(ctx.actor, "users.setRole", { role, isBot, ownerId, nextRole });
      });
      // A link that was made for the old role must not open the new one.
      await resets.cancel(userId);
      if (nextRole === "guest") await tokens.revokeAll(userId);
      await pendingRooms.join(userId);
      return toUser(row);
    }),

  deactivate: userProcedure
    .input(v.strictObject({ userId: userIdSchema }))
    .mutation(async ({ ctx, input }) => {
      await requireUser(ctx.services, input.userId, () => authorize(ctx.actor, "users.manage", null));
      const judge = (row: UserRow) => authorize(ctx.actor, "users.deactivate", row);
      return toUser(await deactivate(ctx.services, input.userId, judge));
    }),

  rename: userProcedure
    .input(v.strictObject({ name: nameSchema }))
    .mutation(async ({ ctx, input }) => {
      authorize(ctx.actor, "users.rename", null);
      return toUser(await ctx.services.users.rename(ctx.actor.userId, input.name));
    }),

  makeResetLink: userProcedure
    .input(v.strictObject({ userId: userIdSchema }))
    .mutation(async ({ ctx, input }) => {
      authorize(ctx.actor, "users.manage", null);
      const row = await requireUser(ctx.services, input.userId);
      authorize(ctx.actor, "users.makeResetLink", row);
      if (row.deactivatedAt !== null) throw new AppError("not_allowed", "This account is deactivated");
      const token = await ctx.services.resets.issue(row.id);
      return { url: ctx.services.links.reset(token) };
    }),
});

/** A guest knows itself and the people of its rooms. */
async function listNeighbours(
  services: Services,
  userId: UserId,
  after: string | null,
  limit: number,
): Promise<User[]> {
  const people = new Set(await services.rooms.peopleOf(userId)).add(userId);
  const ids = [...people].filter((id) => after === null || id > after).sort();
  return await services.users.findMany(ids.slice(0, limit));
}

/** `refuse` comes first for who must not learn which accounts there are. */
async function requireUser(
  services: Services,
  userId: UserId,
  refuse: () => void = () => {},
): Promise<UserRow> {
  const row = await services.users.find(userId);
  if (row !== null) return row;
  refuse();
  throw new AppError("not_found", "There is no such person");
}

/** Ends an account with all that hangs on it. Safe to repeat when the process ended in between. */
async function deactivate(
  services: Services,
  userId: UserId,
  judge: (row: UserRow) => void,
): Promise<UserRow> {
  const { resets, sessions, tokens, users } = services;
  const row = await users.deactivate(userId, judge);
  await resets.cancel(userId);
  await sessions.endAll(userId, null);
  // Its maker's token list holds the tokens of a bot.
  if (row.ownerId !== null) await tokens.revokeAll(row.ownerId, userId);
  for (const botId of await tokens.botsOf(userId)) await deactivate(services, botId, () => {});
  await tokens.revokeAll(userId);
  return row;
}
