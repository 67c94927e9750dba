import * as v from "valibot";
import { AppError } from "../../shared/errors.ts";
import {
  INVITE_CREATE_RATE,
  INVITE_DEFAULT_MS,
  INVITE_DEFAULT_USE_COUNT,
  INVITE_MAX_MS,
  INVITE_MAX_USE_COUNT,
} from "../../shared/limits.ts";
import {
  invalidInput,
  inviteIdSchema,
  noInput,
  roomIdSchema,
  wholeNumberSchema,
} from "../rpc/input_schemas.ts";
import { publicProcedure, router, userProcedure } from "../rpc/trpc.ts";
import { secretSchema } from "./account_schemas.ts";
import { authorize, isAllowed, notFound } from "./authorize.ts";
import type { RoomObject } from "./authorize.ts";
import { requireInvite } from "./sign_in.ts";

const ROLE_MESSAGE = 'Must be "member" or "guest"';
const MAX_USES_MESSAGE = `Must be a whole number from 1 to ${INVITE_MAX_USE_COUNT}`;
const EXPIRES_MESSAGE = `Must be a whole number of milliseconds from 1 to ${INVITE_MAX_MS} (90 days)`;

/** Stands in for a room that does not exist, which must look like one that is hidden. */
const INVISIBLE: RoomObject = { kind: "private", membership: null };

/** Procedures for invite links. */
export const invitesRouter = router({
  create: userProcedure
    .input(v.strictObject({
      role: v.picklist(["member", "guest"], ROLE_MESSAGE),
      roomId: v.optional(roomIdSchema),
      maxUses: v.optional(
        wholeNumberSchema(MAX_USES_MESSAGE, 1, INVITE_MAX_USE_COUNT),
        INVITE_DEFAULT_USE_COUNT,
      ),
      expiresInMs: v.optional(wholeNumberSchema(EXPIRES_MESSAGE, 1, INVITE_MAX_MS), INVITE_DEFAULT_MS),
    }))
    .mutation(async ({ ctx, input }) => {
      const { actor, services } = ctx;
      const { role, roomId, maxUses, expiresInMs } = input;
      const access = roomId === undefined ? null : await services.rooms.access.find(actor.userId, roomId);
      if (roomId === undefined && role === "guest" && actor.role === "member") {
        throw invalidInput("roomId", "Is required: guests join one room that you are a member of");
      }
      const { membersMayInvite } = await services.workspace.get();
      const room = access === null
        ? (roomId === undefined ? null : INVISIBLE)
        : { kind: access.row.kind, membership: access.member?.role ?? null };
      authorize(actor, "invites.create", { role, room, membersMayInvite });
      if (access !== null && access.row.archivedAt !== null) {
        throw new AppError("room_archived", "The room is archived");
      }
      services.limits.take("invite", actor.accountId, INVITE_CREATE_RATE);
      const invite = { role, roomId: roomId ?? null, maxUses, expiresInMs, by: actor.userId };
      const { id, code } = await services.invites.create(invite);
      return { id, code, url: services.links.join(code) };
    }),

  list: userProcedure.input(noInput).query(async ({ ctx }) => {
    authorize(ctx.actor, "invites.list", null);
    const isAll = isAllowed(ctx.actor, "invites.listAll", null);
    const rows = await ctx.services.invites.list(isAll ? null : ctx.actor.userId);
    return rows.map(({ id, role, roomId, uses, maxUses, expiresAt, by }) => (
      { id, role, roomId, uses, maxUses, expiresAt, by }
    ));
  }),

  revoke: userProcedure
    .input(v.strictObject({ inviteId: inviteIdSchema }))
    .mutation(async ({ ctx, input }) => {
      authorize(ctx.actor, "invites.list", null);
      const invite = await ctx.services.invites.find(input.inviteId);
      if (invite === null) throw notFound();
      authorize(ctx.actor, "invites.revoke", invite);
      await ctx.services.invites.revoke(invite);
      return null;
    }),

  preview: publicProcedure
    .input(v.strictObject({ invite: secretSchema }))
    .query(async ({ ctx, input }) => {
      const { entry, roomName } = await requireInvite(ctx, input.invite, null);
      const { name: workspaceName } = await ctx.services.workspace.get();
      return { workspaceName, role: entry.value.role, ...(roomName === null ? {} : { roomName }) };
    }),
});
