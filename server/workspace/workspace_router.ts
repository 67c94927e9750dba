import * as v from "valibot";
import { workspaceNameSchema } from "../auth/account_schemas.ts";
import type { Workspace } from "../../shared/workspace.ts";
import { authorize, isAllowed } from "../auth/authorize.ts";
import { booleanSchema, noInput } from "../rpc/input_schemas.ts";
import { router, userProcedure } from "../rpc/trpc.ts";

/** The settings as somebody sees them. */
interface WorkspaceView extends Workspace {
  /** The proxy that makes everybody seem to come from one address, for those who run the place. */
  readonly untrustedProxy?: string;
}

/** The place's own settings. */
export const workspaceRouter = router({
  get: userProcedure.input(noInput).query(async ({ ctx }): Promise<WorkspaceView> => {
    authorize(ctx.actor, "workspace.get", null);
    const workspace = await ctx.services.workspace.get();
    // Of this very caller: nobody can make it up for somebody else.
    const { untrustedProxy } = ctx;
    const isShown = untrustedProxy !== null && isAllowed(ctx.actor, "workspace.update", null);
    return isShown ? { ...workspace, untrustedProxy } : workspace;
  }),

  update: userProcedure
    .input(v.strictObject({
      name: v.optional(workspaceNameSchema),
      membersMayInvite: v.optional(booleanSchema),
    }))
    .mutation(({ ctx, input }) => {
      authorize(ctx.actor, "workspace.update", null);
      return ctx.services.workspace.update(input, ctx.actor.userId, ctx.gone);
    }),
});
