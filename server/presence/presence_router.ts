import * as v from "valibot";
import { PRESENCE_RATE } from "../../shared/limits.ts";
import { findStatusTextProblem } from "../../shared/status_text.ts";
import type { PresenceUpdate } from "../../shared/presence.ts";
import { SIGNALS } from "../../shared/signals.ts";
import { booleanSchema, noInput, textCheck, timeSchema } from "../rpc/input_schemas.ts";
import { connectionKey } from "../streams/signals.ts";
import { router, userProcedure } from "../rpc/trpc.ts";

const statusTextSchema = v.pipe(
  v.string("Must be text"),
  v.transform((text) => text.trim().normalize("NFC")),
  textCheck(findStatusTextProblem),
);

/** `presence.*`: who is online, and status texts. */
export const presenceRouter = router({
  set: userProcedure
    .input(v.strictObject({
      status: v.picklist(["online", "away"], 'Must be "online" or "away"'),
      text: v.optional(statusTextSchema),
      textUntil: v.optional(v.nullable(timeSchema)),
      doNotDisturb: v.optional(booleanSchema),
    }))
    .mutation(async ({ ctx, input }) => {
      const { presence, limits } = ctx.services;
      const { userId, accountId } = ctx.actor;
      limits.take("presence", accountId, PRESENCE_RATE);
      const { status, text, textUntil, doNotDisturb } = input;
      presence.hold({ userId, connection: ctx.connection, key: connectionKey(ctx.actor) }, status);
      if (text !== undefined || textUntil !== undefined || doNotDisturb !== undefined) {
        await presence.setText(userId, {
          ...(text === undefined ? {} : { text }),
          ...(textUntil === undefined ? {} : { textUntil }),
          ...(doNotDisturb === undefined ? {} : { doNotDisturb }),
        }, ctx.gone);
      }
      return null;
    }),

  onPresence: userProcedure.input(noInput).subscription(
    async function* ({ ctx, signal }): AsyncGenerator<PresenceUpdate> {
      yield* ctx.services.signals.read(SIGNALS.presence, {
        userId: ctx.actor.userId,
        key: connectionKey(ctx.actor),
        connection: ctx.connection,
        signal: signal ?? new AbortController().signal,
      });
    },
  ),
});
