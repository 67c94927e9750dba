import * as v from "valibot";
import { workspaceNameSchema } from "../auth/account_schemas.ts";
import type { Workspace } from "../../shared/workspace.ts";
import { authorize, isAllowed } from "../auth/authorize.ts";
import { booleanSchema, noInput } from "../rpc/input_schemas.ts";
import { router, userProcedure } from "../rpc/trpc.ts";

/** The settings as one caller sees them. */
interface WorkspaceView extends Workspace {
  /** For owners and admins: the proxy from whose address all users seem to come. */
  readonly untrustedProxy?: string;
}

/** `workspace.*`: settings of the workspace. */
export const workspaceRouter = router({
  get: userProcedure.input(noInput).query(async ({ ctx }): Promise<WorkspaceView> => {
    authorize(ctx.actor, "workspace.get", null);
    const workspace = await ctx.services.workspace.get();
    // About this caller's own request, so others cannot fake it.
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
