import * as v from "valibot";
import { AppError } from "../../shared/errors.ts";
import type { RoomsChange } from "../../shared/event.ts";
import type { UserId } from "../../shared/ids.ts";
import {
  LEVEL_RATE,
  MARK_READ_RATE,
  MEMBERSHIP_RATE,
  READERS_RATE,
  ROOM_CREATE_RATE,
} from "../../shared/limits.ts";
import type { RoomMember } from "../../shared/room.ts";
import { SIGNAL_KINDS } from "../../shared/signals.ts";
import type { Page } from "../../shared/user.ts";
import { authorize, isBuiltIn, notFound } from "../auth/authorize.ts";
import type { UserRow } from "../auth/user_store.ts";
import type { Actor } from "../rpc/context.ts";
import {
  booleanSchema,
  encodeCursor,
  invalidInput,
  noInput,
  offsetSchema,
  pageEntries,
  roomIdSchema,
  tabIdSchema,
  timeSchema,
  userIdSchema,
} from "../rpc/input_schemas.ts";
import type { Services } from "../services.ts";
import { connectionKey } from "../streams/signals.ts";
import { router, userProcedure } from "../rpc/trpc.ts";
import type { ListedRoom } from "./room_directory_store.ts";
import { roomProcedure } from "./room_procedure.ts";
import { roomOf } from "./room_records.ts";
import { levelSchema, roomNameSchema, roomQuerySchema, topicSchema } from "./room_schemas.ts";

const ALSO_MESSAGE = `Must be ${SIGNAL_KINDS.map((kind) => `"${kind}"`).join(" or ")}`;
const ROLE_MESSAGE = 'Must be "moderator" or "member"';
const KIND_MESSAGE = 'Must be "public" or "private"';

/** Membership changes stay in a room's log for ever, so their number is limited. */
const MEMBERSHIP_LIMIT = ["membership", MEMBERSHIP_RATE] as const;
const roomInput = v.strictObject({ roomId: roomIdSchema });
const memberInput = v.strictObject({ roomId: roomIdSchema, userId: userIdSchema });

/** `rooms.*`: rooms, members and read states. */
export const roomsRouter = router({
  list: userProcedure.input(noInput).query(({ ctx }) =>
    ctx.services.roomsSubscription.list(ctx.actor.userId)
  ),

  get: roomProcedure("room.read", { input: roomInput }).query(async ({ ctx, input: { roomId } }) => {
    const { summaries } = ctx.services.roomsSubscription;
    return await summaries.find(ctx.actor.userId, roomId) ?? roomOf(roomId, ctx.access.row);
  }),

  browse: userProcedure
    .input(v.optional(v.strictObject({ query: v.optional(roomQuerySchema), ...pageEntries }), {}))
    .query(async ({ ctx, input }): Promise<Page<ListedRoom>> => {
      authorize(ctx.actor, "room.browse", null);
      const { items, cursor } = await ctx.services.rooms.directory.browse(input);
      return { items, cursor: cursor === null ? null : encodeCursor(cursor) };
    }),

  create: userProcedure
    .input(v.strictObject({
      name: roomNameSchema,
      kind: v.picklist(["public", "private"], KIND_MESSAGE),
      topic: v.optional(topicSchema, ""),
    }))
    .mutation(async ({ ctx, input }) => {
      authorize(ctx.actor, "room.create", null);
      const { userId, accountId } = ctx.actor;
      ctx.services.limits.take("room_create", accountId, ROOM_CREATE_RATE);
      return await ctx.services.rooms.create({ ...input, by: userId, asks: "room.create" });
    }),

  openDirect: userProcedure
    .input(v.strictObject({ userId: userIdSchema }))
    .mutation(async ({ ctx, input }) => {
      authorize(ctx.actor, "room.openDirect", null);
      const { rooms, limits } = ctx.services;
      const { userId, accountId } = ctx.actor;
      limits.take(MEMBERSHIP_LIMIT[0], accountId, MEMBERSHIP_LIMIT[1]);
      if (input.userId === userId) throw invalidInput("userId", "Must be somebody else");
      const existing = await rooms.findDirect(userId, input.userId);
      if (existing !== null) return existing;
      const other = await requireActive(ctx.services, ctx.actor, input.userId);
      if (isBuiltIn(other)) throw new AppError("not_allowed", "Nobody reads messages to this bot");
      return await rooms.openDirect(userId, input.userId, "room.openDirect");
    }),

  join: roomProcedure("room.join", { limit: MEMBERSHIP_LIMIT, input: roomInput })
    .mutation(async ({ ctx }) => {
      await ctx.services.rooms.members.join({ ...ctx.access, userId: ctx.actor.userId });
      return null;
    }),

  leave: roomProcedure("room.leave", { limit: MEMBERSHIP_LIMIT, input: roomInput })
    .mutation(async ({ ctx }) => {
      await ctx.services.rooms.members.leave({ ...ctx.access, userId: ctx.actor.userId });
      return null;
    }),

  update: roomProcedure("room.update", {
    limit: MEMBERSHIP_LIMIT,
    input: v.strictObject({
      roomId: roomIdSchema,
      name: v.optional(roomNameSchema),
      topic: v.optional(topicSchema),
    }),
  }).mutation(({ ctx, input: { name, topic } }) => ctx.services.rooms.update({ ...ctx.access, name, topic })),

  archive: roomProcedure("room.archive", {
    limit: MEMBERSHIP_LIMIT,
    input: v.strictObject({ roomId: roomIdSchema, on: booleanSchema }),
  }).mutation(({ ctx, input: { on } }) => ctx.services.rooms.update({ ...ctx.access, isArchived: on })),

  members: roomProcedure("room.read", {
    input: v.strictObject({ roomId: roomIdSchema, ...pageEntries }),
  }).query(async ({ ctx, input }): Promise<Page<RoomMember>> => {
    const { rooms, users } = ctx.services;
    const { roomId, cursor, limit } = input;
    const page = await rooms.members.page(roomId, cursor, limit);
    const people = await users.findMany(page.items.map(({ userId }) => userId));
    // Callers who were removed in the meantime get nothing that was read after that.
    await rooms.access.require(ctx.actor, "room.read", roomId);
    const byId = new Map(people.map((user) => [user.id, user]));
    const items = page.items.flatMap(({ userId, role, joinedAt }) => {
      const user = byId.get(userId);
      return user === undefined ? [] : [{ user, role, joinedAt }];
    });
    return { items, cursor: page.cursor === null ? null : encodeCursor(page.cursor) };
  }),

  addMember: roomProcedure("room.addMember", { limit: MEMBERSHIP_LIMIT, input: memberInput })
    .mutation(async ({ ctx, input: { userId } }) => {
      await requireActive(ctx.services, ctx.actor, userId);
      await ctx.services.rooms.members.join({ ...ctx.access, userId });
      return null;
    }),

  removeMember: roomProcedure("room.removeMember", { limit: MEMBERSHIP_LIMIT, input: memberInput })
    .mutation(async ({ ctx, input: { userId } }) => {
      await ctx.services.rooms.members.leave({ ...ctx.access, userId });
      return null;
    }),

  setMemberRole: roomProcedure("room.setMemberRole", {
    limit: MEMBERSHIP_LIMIT,
    input: v.strictObject({
      ...memberInput.entries,
      role: v.picklist(["moderator", "member"], ROLE_MESSAGE),
    }),
  }).mutation(async ({ ctx, input: { userId, role } }) => {
    await ctx.services.rooms.members.setRole({ ...ctx.access, userId, role });
    return null;
  }),

  readers: roomProcedure("room.read", {
    limit: ["readers", READERS_RATE],
    input: v.strictObject({ roomId: roomIdSchema, offset: offsetSchema }),
  }).query(async ({ ctx, input: { roomId, offset } }) => {
    const { rooms, readReceipts } = ctx.services;
    const userIds = await readReceipts.readersOf(roomId, offset, ctx.actor.userId);
    await rooms.access.require(ctx.actor, "room.read", roomId);
    return userIds;
  }),

  markRead: roomProcedure("room.markRead", {
    limit: ["mark_read", MARK_READ_RATE],
    input: v.strictObject({
      roomId: roomIdSchema,
      offset: offsetSchema,
      unread: v.optional(v.literal(true, "Must be true, or absent")),
    }),
  }).mutation(async ({ ctx, input: { roomId, offset, unread = false } }) => {
    const { userId } = ctx.actor;
    await ctx.services.rooms.readStates.mark({ userId, roomId, offset, unread, signal: ctx.gone });
    return null;
  }),

  setLevel: roomProcedure("room.setLevel", {
    limit: ["level", LEVEL_RATE],
    input: v.strictObject({
      roomId: roomIdSchema,
      level: v.nullable(levelSchema),
      mutedUntil: v.optional(v.nullable(timeSchema)),
    }),
  }).mutation(async ({ ctx, input }) => {
    await ctx.services.rooms.readStates.setLevel({ ...input, userId: ctx.actor.userId, signal: ctx.gone });
    return null;
  }),

  onChange: userProcedure
    .input(v.optional(
      v.strictObject({
        also: v.optional(v.array(v.picklist(SIGNAL_KINDS, ALSO_MESSAGE), "Must be a list"), []),
        tabId: v.optional(tabIdSchema),
      }),
      {},
    ))
    .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<RoomsChange> {
      if (input.also.includes("signals") && input.tabId === undefined) {
        throw invalidInput("tabId", 'Is required for "signals"');
      }
      yield* ctx.services.roomsSubscription.changes({
        userId: ctx.actor.userId,
        key: connectionKey(ctx.actor),
        tabId: input.tabId,
        connection: ctx.connection,
        signal: signal ?? new AbortController().signal,
        also: input.also,
      });
    }),
});

/** Throws unless the person has an active account that the actor may see. */
async function requireActive({ users, rooms }: Services, actor: Actor, userId: UserId): Promise<UserRow> {
  const user = await users.find(userId);
  // Guests see only people with whom they share a room.
  const isVisible = actor.role !== "guest" || await rooms.members.sharesRoom(actor.userId, userId);
  if (user === null || !isVisible) throw notFound();
  if (user.deactivatedAt !== null) throw new AppError("not_allowed", "This account is deactivated");
  return user;
}
