import type * as v from "valibot";
import type { RoomId } from "../../shared/ids.ts";
import type { Rate } from "../net/rate_limit.ts";
import { userProcedure } from "../rpc/trpc.ts";
import type { RoomAction } from "./room_access_store.ts";

type RoomSchema = v.GenericSchema<{ roomId: string }, { roomId: RoomId }>;

/** What the procedure takes, and how often an account may call it. */
interface RoomProcedureOptions<Schema> {
  readonly input: Schema;
  /** Taken before anything is looked up, so that guessing rooms costs as much as using them. */
  readonly limit?: readonly [name: string, rate: Rate];
}

/**
 * Only who may do this in the room; `ctx.access` holds what was found. Stores that take it look again while their
 * commit is put together, and what waits asks again after the wait: nothing in between has to.
 */
export function roomProcedure<Schema extends RoomSchema>(
  asks: RoomAction,
  { input, limit }: RoomProcedureOptions<Schema>,
) {
  return userProcedure.input(input).use(async ({ ctx, input, next }) => {
    const { access, limits } = ctx.services;
    const { userId, accountId } = ctx.actor;
    if (limit !== undefined) limits.take(limit[0], accountId, limit[1]);
    const { roomId } = input as { roomId: RoomId };
    const found = await access.require(ctx.actor, asks, roomId);
    return next({ ctx: { access: { ...found, by: userId, asks } } });
  });
}
