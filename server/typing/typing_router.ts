import * as v from "valibot";
import { AppError } from "../../shared/errors.ts";
import type { TypingUpdate } from "../../shared/event.ts";
import { TYPING_RATE } from "../../shared/limits.ts";
import { booleanSchema, roomIdSchema } from "../input_schemas.ts";
import { typingTopic } from "../streams/delivery.ts";
import { router, userProcedure } from "../trpc.ts";
import { readTyping } from "./read_typing.ts";

/** `typing.*`: who is writing right now. Nothing of it is kept. */
export const typingRouter = router({
  set: userProcedure
    .input(v.strictObject({ roomId: roomIdSchema, isTyping: booleanSchema }))
    .mutation(async ({ ctx, input }) => {
      const { typing, access, limits } = ctx.services;
      const { userId, accountId, sessionId, tokenId } = ctx.actor;
      limits.take("typing", accountId, TYPING_RATE);
      const { row } = await access.require(ctx.actor, "room.send", input.roomId);
      if (row.archivedAt !== null) throw new AppError("room_archived", "The room is archived");
      const source = { userId, connection: ctx.connection, key: sessionId ?? tokenId ?? userId };
      typing.set(source, input.roomId, input.isTyping);
      return null;
    }),

  onTyping: userProcedure
    .input(v.strictObject({ roomId: roomIdSchema }))
    .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TypingUpdate> {
      const { typing, roomReaders } = ctx.services;
      const { roomId } = input;
      const reader = roomReaders.open<TypingUpdate>({
        topic: typingTopic(roomId),
        actor: ctx.actor,
        roomId,
        connection: ctx.connection,
        exceptOwn: true,
        signal: signal ?? new AbortController().signal,
      });
      try {
        await reader.authorize(ctx.actor);
        yield* readTyping(typing, reader.subscription, roomId);
      } finally {
        reader.release();
      }
    }),
});
