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
  /** For owners and admins: when the certificate ends, if that is soon. */
  readonly certificateEndsAt?: string;
  /** For owners and admins: what the disk can still take, if that is little. */
  readonly freeBytes?: number;
}

/** `workspace.*`: settings of the workspace. */
export const workspaceRouter = router({
  get: userProcedure.input(noInput).query(async ({ ctx }): Promise<WorkspaceView> => {
    authorize(ctx.actor, "workspace.get", null);
    const workspace = await ctx.services.workspace.get();
    if (!isAllowed(ctx.actor, "workspace.update", null)) return workspace;
    // The proxy is that of the caller's own request, so others cannot fake it.
    const { untrustedProxy, services: { ownerWarnings: { certificateEndsAt, freeBytes } } } = ctx;
    return {
      ...workspace,
      ...(untrustedProxy === null ? {} : { untrustedProxy }),
      ...(certificateEndsAt === null ? {} : { certificateEndsAt }),
      ...(freeBytes === null ? {} : { freeBytes }),
    };
  }),

  update: userProcedure
    .input(v.strictObject({
      name: v.optional(workspaceNameSchema),
      membersMayInvite: v.optional(booleanSchema),
      showsActivity: v.optional(booleanSchema),
    }))
    .mutation(async ({ ctx, input }) => {
      authorize(ctx.actor, "workspace.update", null);
      const workspace = await ctx.services.workspace.update(input, ctx.actor.userId, ctx.gone);
      // The status page shows the name, and the activity or not, from now on.
      await ctx.services.status.refresh();
      return workspace;
    }),
});
