import * as v from "valibot";
import { AppError } from "../../shared/errors.ts";
import { TYPING_RATE } from "../../shared/limits.ts";
import { SIGNALS } from "../../shared/signals.ts";
import type { TypingUpdate } from "../../shared/signals.ts";
import { booleanSchema, roomIdSchema } from "../rpc/input_schemas.ts";
import { roomProcedure } from "../rooms/room_procedure.ts";
import { connectionKey } from "../streams/signals.ts";
import { router, userProcedure } from "../rpc/trpc.ts";

/** `typing.*`: who is typing. Nothing is stored. */
export const typingRouter = router({
  set: roomProcedure("room.send", {
    limit: ["typing", TYPING_RATE],
    input: v.strictObject({ roomId: roomIdSchema, isTyping: booleanSchema }),
  }).mutation(({ ctx, input }) => {
    if (ctx.access.row.archivedAt !== null) throw new AppError("room_archived", "The room is archived");
    const { userId } = ctx.actor;
    const source = { userId, connection: ctx.connection, key: connectionKey(ctx.actor) };
    ctx.services.typing.set(source, input.roomId, input.isTyping);
    return null;
  }),

  onTyping: userProcedure
    .input(v.strictObject({ roomId: roomIdSchema }))
    .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TypingUpdate> {
      yield* ctx.services.roomReaders.readSignal(SIGNALS.typing, {
        actor: ctx.actor,
        roomId: input.roomId,
        connection: ctx.connection,
        signal: signal ?? new AbortController().signal,
      });
    }),
});
