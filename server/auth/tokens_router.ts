import * as v from "valibot";
import { TOKEN_CREATE_RATE } from "../../shared/limits.ts";
import { noInput, tokenIdSchema } from "../rpc/input_schemas.ts";
import { router, sessionProcedure } from "../rpc/trpc.ts";
import { labelSchema, nameSchema } from "./account_schemas.ts";
import { authorize } from "./authorize.ts";

const tokensProcedure = sessionProcedure.use(({ ctx, next }) => {
  authorize(ctx.actor, "tokens.use", null);
  return next();
});

/** Procedures for the bearer tokens of programs. */
export const tokensRouter = router({
  create: tokensProcedure
    .input(v.strictObject({ label: labelSchema, bot: v.optional(v.strictObject({ name: nameSchema })) }))
    .mutation(({ ctx, input }) => {
      const { label, bot } = input;
      const { limits, tokens } = ctx.services;
      limits.take("token", ctx.actor.accountId, TOKEN_CREATE_RATE);
      return tokens.create(ctx.actor.userId, { label, botName: bot?.name ?? null }, ctx.gone);
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
      await ctx.services.tokens.revoke(ctx.actor.userId, input.tokenId, ctx.gone);
      return null;
    }),
});
