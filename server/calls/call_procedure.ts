import * as v from "valibot";
import type { CallId, TabId } from "../../shared/ids.ts";
import type { Rate } from "../net/token_bucket.ts";
import type { Actor } from "../rpc/context.ts";
import { callIdSchema } from "../rpc/input_schemas.ts";
import { userProcedure } from "../rpc/trpc.ts";
import type { Services } from "../services.ts";
import { connectionKey } from "../streams/signals.ts";
import type { CallDevice } from "./call_record.ts";
import type { InCall } from "./calls.ts";

type CallSchema = v.GenericSchema<{ callId: string; tabId: string }, { callId: CallId; tabId: TabId }>;

interface CallProcedureOptions<Schema> {
  readonly input: Schema;
  /** Checked before anything is read, so that guessing ids of calls counts too. */
  readonly limit: readonly [name: string, rate: Rate];
}

/**
 * A procedure of a tab about a call that the caller may see; others, and calls that have ended, are `not_found`. Sets
 * `ctx.roomId` and `ctx.device`. Stores check the rest in their commit.
 */
export function callProcedure<Schema extends CallSchema>({ input, limit }: CallProcedureOptions<Schema>) {
  return userProcedure.input(input).use(async ({ ctx, input, next }) => {
    const { calls, rooms, limits } = ctx.services;
    limits.take(limit[0], ctx.actor.accountId, limit[1]);
    const { callId, tabId } = input as { callId: CallId; tabId: TabId };
    const roomId = await calls.roomOf(callId);
    await rooms.access.require(ctx.actor, "room.read", roomId);
    return next({ ctx: { roomId, device: deviceOf(ctx.actor, tabId) } });
  });
}

/**
 * A query of a device about the call that it is in, from any of its tabs. Sets `ctx.inCall`. The limit is for the device:
 * one that leaves and comes back is another participant.
 */
export function participantProcedure(limit: readonly [name: string, rate: Rate]) {
  return userProcedure.input(v.strictObject({ callId: callIdSchema })).use(async ({ ctx, input, next }) => {
    ctx.services.limits.take(limit[0], connectionKey(ctx.actor), limit[1]);
    return next({ ctx: { inCall: await requireInCall(ctx, input.callId) } });
  });
}

/** Returns the call that a device is in; throws `not_found` if it may not see it, and `not_in_call`. */
export async function requireInCall(
  { actor, services }: { readonly actor: Actor; readonly services: Pick<Services, "calls" | "rooms"> },
  callId: CallId,
): Promise<InCall> {
  const { calls, rooms } = services;
  const roomId = await calls.roomOf(callId);
  await rooms.access.require(actor, "room.read", roomId);
  return await calls.requireParticipant(connectionKey(actor), callId);
}

/** Returns the device from which somebody calls. */
export function deviceOf(actor: Actor, tabId: TabId): CallDevice {
  const { userId, accountId, sessionId, tokenId } = actor;
  return { userId, accountId, sessionId, tokenId, key: connectionKey(actor), tabId };
}
