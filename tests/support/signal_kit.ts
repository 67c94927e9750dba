import type { TRPCClient } from "@trpc/client";
import * as v from "valibot";
import { AppError } from "../../shared/errors.ts";
import type { RoomsChange } from "../../shared/event.ts";
import { defineSignal } from "../../shared/signal.ts";
import type { Actor, Context } from "../../server/rpc/context.ts";
import type { AppRouter } from "../../server/router.ts";
import { appRouter } from "../../server/router.ts";
import { connectionKey } from "../../server/streams/signals.ts";
import type { Listener } from "../../server/streams/signals.ts";
import { router, userProcedure } from "../../server/rpc/trpc.ts";

/** The value of the signals in tests. */
export interface Ring {
  readonly text: string;
}

/** For all devices of a person. */
export const PERSON_RING = defineSignal<Ring>({ kind: "person_ring", audience: "person" });
/** For one device of a person. */
export const DEVICE_RING = defineSignal<Ring>({ kind: "device_ring", audience: "connection" });

function listenerOf(ctx: Context & { actor: Actor }, signal: AbortSignal | undefined): Listener {
  if (signal === undefined) throw new AppError("invalid_request", "A subscription has a signal");
  return { userId: ctx.actor.userId, key: connectionKey(ctx.actor), connection: ctx.connection, signal };
}

/** Procedures as a feature would write them: a subscription for each signal, and both through `rooms.onChange`. */
const ringRouter = router({
  onPerson: userProcedure.input(v.optional(v.strictObject({}))).subscription(
    async function* ({ ctx, signal }): AsyncGenerator<Ring> {
      yield* ctx.services.signals.read(PERSON_RING, listenerOf(ctx, signal));
    },
  ),
  onDevice: userProcedure.input(v.optional(v.strictObject({}))).subscription(
    async function* ({ ctx, signal }): AsyncGenerator<Ring> {
      yield* ctx.services.signals.read(DEVICE_RING, listenerOf(ctx, signal));
    },
  ),
  onChange: userProcedure.input(v.optional(v.strictObject({}))).subscription(
    async function* ({ ctx, signal }): AsyncGenerator<RoomsChange> {
      const also = [PERSON_RING.kind, DEVICE_RING.kind];
      yield* ctx.services.roomsSubscription.changes({ ...listenerOf(ctx, signal), also });
    },
  ),
});

const withRings = router({ ...appRouter._def.record, ring: ringRouter });

/** A stock client that also knows these procedures. */
export type RingClient = TRPCClient<typeof withRings>;

/** Router for a server under test: all procedures, and these. */
export const RING_ROUTER = withRings as unknown as AppRouter;
