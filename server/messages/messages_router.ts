import * as v from "valibot";
import { normalizeEmoji } from "../../shared/emoji.ts";
import {
  CHANGE_RATE,
  CLIENT_MESSAGE_ID_MAX_CHARACTERS,
  SEND_RATE,
  SEND_RATE_ROOM,
} from "../../shared/limits.ts";
import type { Message } from "../../shared/message.ts";
import { findTextProblem, normalizeLineEnds } from "../../shared/message.ts";
import {
  booleanSchema,
  limitSchema,
  offsetSchema,
  roomIdSchema,
  textCheck,
  timeSchema,
  waitSchema,
} from "../rpc/input_schemas.ts";
import { refuseWaitInBatch, requireActor, router, userProcedure } from "../rpc/trpc.ts";
import { roomProcedure } from "../rooms/room_procedure.ts";
import type { EventEnvelope } from "./message_events.ts";
import type { MessagePage } from "./message_reader_store.ts";

/** Consecutive messages, and the head from before they were read. */
export interface MessageList extends MessagePage {
  readonly position: string;
}

const ID_MESSAGE =
  `Must be 1 to ${CLIENT_MESSAGE_ID_MAX_CHARACTERS} printable ASCII characters without spaces`;
const MESSAGE_OFFSET_MESSAGE = "Must be the offset of a message";

const textSchema = v.pipe(
  v.string("Must be text"),
  v.transform(normalizeLineEnds),
  textCheck(findTextProblem),
);

const clientMessageIdSchema = v.pipe(
  v.string(ID_MESSAGE),
  v.maxLength(CLIENT_MESSAGE_ID_MAX_CHARACTERS, ID_MESSAGE),
  v.regex(/^[\x21-\x7e]+$/, ID_MESSAGE),
);

const messageOffsetSchema = v.pipe(offsetSchema, v.minValue(1, MESSAGE_OFFSET_MESSAGE));

const emojiSchema = v.pipe(
  v.string("Must be an emoji"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const emoji = normalizeEmoji(dataset.value);
    if (emoji !== null) return emoji;
    addIssue({ message: "Must be one emoji" });
    return NEVER;
  }),
);

const pageInput = v.pipe(
  v.strictObject({
    roomId: roomIdSchema,
    before: v.optional(offsetSchema),
    after: v.optional(offsetSchema),
    around: v.optional(offsetSchema),
    limit: limitSchema,
  }),
  v.check(
    ({ before, after, around }) => [before, after, around].filter((at) => at !== undefined).length <= 1,
    "Only one of before, after and around may be given",
  ),
);

/** `messages.*`: sending, changing and reading messages. */
export const messagesRouter = router({
  send: roomProcedure("room.send", {
    limit: ["send", SEND_RATE],
    input: v.strictObject({
      roomId: roomIdSchema,
      clientMessageId: clientMessageIdSchema,
      text: textSchema,
      replyTo: v.optional(messageOffsetSchema),
    }),
  }).mutation(({ ctx, input: { replyTo = null, ...message } }): Promise<Message> => {
    // After the rights check: outsiders must not use up the room's limit.
    ctx.services.limits.take("send_room", message.roomId, SEND_RATE_ROOM);
    return ctx.services.messages.send(ctx.actor, { ...message, replyTo });
  }),

  edit: roomProcedure("room.read", {
    limit: ["change", CHANGE_RATE],
    input: v.strictObject({ roomId: roomIdSchema, offset: messageOffsetSchema, text: textSchema }),
  }).mutation(({ ctx, input: { text, ...ref } }): Promise<Message> =>
    ctx.services.messages.edit(ctx.actor, ref, text)
  ),

  delete: roomProcedure("room.read", {
    limit: ["change", CHANGE_RATE],
    input: v.strictObject({ roomId: roomIdSchema, offset: messageOffsetSchema }),
  }).mutation(({ ctx, input }): Promise<Message> => ctx.services.messages.delete(ctx.actor, input)),

  react: roomProcedure("room.read", {
    limit: ["change", CHANGE_RATE],
    input: v.strictObject({
      roomId: roomIdSchema,
      offset: messageOffsetSchema,
      emoji: emojiSchema,
      on: booleanSchema,
    }),
  }).mutation(({ ctx, input }): Promise<Message> => ctx.services.messages.react(ctx.actor, input)),

  list: roomProcedure("room.read", { input: pageInput }).query(
    async ({ ctx, input }): Promise<MessageList> => {
      const { roomLog, messageEvents, messageReader, rooms } = ctx.services;
      const { roomId, ...query } = input;
      // Read the head first: events that arrive while the page is read are replayed from there.
      const head = await roomLog.head(roomId);
      const page = await messageReader.page(roomId, head, query);
      // Callers who were removed in the meantime get nothing that was read after that.
      await rooms.access.require(ctx.actor, "room.read", roomId);
      return { ...page, position: messageEvents.positionAt(head.offset) };
    },
  ),

  at: roomProcedure("room.read", {
    input: v.strictObject({ roomId: roomIdSchema, time: timeSchema }),
  }).query(async ({ ctx, input: { roomId, time } }) => {
    const { roomLog, messageReader } = ctx.services;
    return { offset: await messageReader.offsetAt(roomId, await roomLog.head(roomId), time) };
  }),

  since: userProcedure
    .input(v.strictObject({
      roomId: roomIdSchema,
      position: v.string("Must be a position"),
      waitMs: v.optional(waitSchema, 0),
    }))
    .query(({ ctx, input, signal }) => {
      refuseWaitInBatch(ctx, input);
      return ctx.services.messageEvents.since({
        ...input,
        actor: ctx.actor,
        signal: signal ?? new AbortController().signal,
        resolve: () => requireActor(ctx),
      });
    }),

  onEvent: userProcedure
    .input(v.strictObject({ roomId: roomIdSchema, lastEventId: v.optional(v.string("Must be a position")) }))
    .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<EventEnvelope> {
      yield* ctx.services.messageEvents.subscribe({
        actor: ctx.actor,
        roomId: input.roomId,
        lastEventId: input.lastEventId ?? null,
        connection: ctx.connection,
        signal: signal ?? new AbortController().signal,
      });
    }),
});
