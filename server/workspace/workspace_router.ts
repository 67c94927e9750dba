import * as v from "valibot";
import { workspaceNameSchema } from "../auth/account_schemas.ts";
import { authorize } from "../auth/authorize.ts";
import { booleanSchema, noInput } from "../input_schemas.ts";
import { router, userProcedure } from "../trpc.ts";

/** The place's own settings. */
export const workspaceRouter = router({
  get: userProcedure.input(noInput).query(({ ctx }) => {
    authorize(ctx.actor, "workspace.get", null);
    return ctx.services.workspace.get();
  }),

  update: userProcedure
    .input(v.strictObject({
      name: v.optional(workspaceNameSchema),
      membersMayInvite: v.optional(booleanSchema),
    }))
    .mutation(({ ctx, input }) => {
      authorize(ctx.actor, "workspace.update", null);
      return ctx.services.workspace.update(input);
    }),
});
