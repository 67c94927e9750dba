import type * as v from "valibot";
import type { RoomId } from "../../shared/ids.ts";
import type { Rate } from "../net/token_bucket.ts";
import { userProcedure } from "../rpc/trpc.ts";
import type { RoomAction } from "./room_access_store.ts";

type RoomSchema = v.GenericSchema<{ roomId: string }, { roomId: RoomId }>;

interface RoomProcedureOptions<Schema> {
  readonly input: Schema;
  /** Checked before anything is read, so that guessing room ids counts too. */
  readonly limit?: readonly [name: string, rate: Rate];
}

/**
 * A procedure for callers who may do this in the room; sets `ctx.access`. Stores check it again in their commit,
 * and procedures that wait call `rooms.access.require` after the wait; nothing else needs to.
 */
export function roomProcedure<Schema extends RoomSchema>(
  asks: RoomAction,
  { input, limit }: RoomProcedureOptions<Schema>,
) {
  return userProcedure.input(input).use(async ({ ctx, input, next }) => {
    const { rooms, limits } = ctx.services;
    const { userId, accountId } = ctx.actor;
    if (limit !== undefined) limits.take(limit[0], accountId, limit[1]);
    const { roomId } = input as { roomId: RoomId };
    const found = await rooms.access.require(ctx.actor, asks, roomId);
    return next({ ctx: { access: { ...found, by: userId, asks } } });
  });
}
