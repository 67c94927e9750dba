import * as v from "valibot";
import { noInput, tokenIdSchema } from "../input_schemas.ts";
import { router, userProcedure } from "../trpc.ts";
import { labelSchema, nameSchema } from "./account_schemas.ts";
import { authorize } from "./authorize.ts";

const tokensProcedure = userProcedure.use(({ ctx, next }) => {
  authorize(ctx.actor, "tokens.use", null);
  return next();
});

/** Bearer tokens of programs. */
export const tokensRouter = router({
  create: tokensProcedure
    .input(v.strictObject({ label: labelSchema, bot: v.optional(v.strictObject({ name: nameSchema })) }))
    .mutation(({ ctx, input }) => {
      const { label, bot } = input;
      return ctx.services.tokens.create(ctx.actor.userId, { label, botName: bot?.name ?? null });
    }),

  list: tokensProcedure.input(noInput).query(async ({ ctx }) => {
    const { tokens, users } = ctx.services;
    const rows = await tokens.list(ctx.actor.userId);
    const bots = await users.findMany(rows.map(({ userId }) => userId));
    const botNames = new Map(bots.filter(({ isBot }) => isBot).map(({ id, name }) => [id, name]));
    return rows.map(({ id, label, createdAt, lastUsedAt, userId }) => ({
      id,
      label,
      createdAt,
      lastUsedAt,
      botName: botNames.get(userId) ?? null,
    }));
  }),

  revoke: tokensProcedure
    .input(v.strictObject({ tokenId: tokenIdSchema }))
    .mutation(async ({ ctx, input }) => {
      await ctx.services.tokens.revoke(ctx.actor.userId, input.tokenId);
      return null;
    }),
});
