import type { TRPCClient } from "@trpc/client";
import * as v from "valibot";
import { AppError } from "../../shared/errors.ts";
import type { RoomsChange } from "../../shared/event.ts";
import type { TabId } from "../../shared/ids.ts";
import { defineSignal } from "../../shared/signal.ts";
import type { Actor, Context } from "../../server/rpc/context.ts";
import type { AppRouter } from "../../server/router.ts";
import { appRouter } from "../../server/router.ts";
import { connectionKey } from "../../server/streams/signals.ts";
import type { Listener } from "../../server/streams/signals.ts";
import { tabIdSchema } from "../../server/rpc/input_schemas.ts";
import { router, userProcedure } from "../../server/rpc/trpc.ts";

/** The value of the signals in tests. */
export interface Ring {
  readonly text: string;
}

/** For all devices of a person. */
export const PERSON_RING = defineSignal<Ring>({ kind: "person_ring", audience: "person" });
/** For one device of a person. */
export const DEVICE_RING = defineSignal<Ring>({ kind: "device_ring", audience: "connection" });

/** For one tab of a device. */
export const TAB_RING = defineSignal<Ring>({ kind: "tab_ring", audience: "tab" });
/** All of them. */
export const RINGS = [PERSON_RING, DEVICE_RING, TAB_RING];

const tabInput = v.optional(v.strictObject({ tabId: v.optional(tabIdSchema) }), {});

function listenerOf(
  ctx: Context & { actor: Actor },
  signal: AbortSignal | undefined,
  tabId?: TabId,
): Listener {
  if (signal === undefined) throw new AppError("invalid_request", "A subscription has a signal");
  const { userId } = ctx.actor;
  return { userId, key: connectionKey(ctx.actor), tabId, connection: ctx.connection, signal };
}

/** Procedures as a feature would write them: a subscription for each signal, and all through `rooms.onChange`. */
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
  onTab: userProcedure.input(tabInput).subscription(
    async function* ({ ctx, input, signal }): AsyncGenerator<Ring> {
      yield* ctx.services.signals.read(TAB_RING, listenerOf(ctx, signal, input.tabId));
    },
  ),
  onChange: userProcedure.input(tabInput).subscription(
    async function* ({ ctx, input, signal }): AsyncGenerator<RoomsChange> {
      const also = RINGS.map(({ kind }) => kind);
      yield* ctx.services.roomsSubscription.changes({ ...listenerOf(ctx, signal, input.tabId), also });
    },
  ),
});

const withRings = router({ ...appRouter._def.record, ring: ringRouter });

/** A stock client that also knows these procedures. */
export type RingClient = TRPCClient<typeof withRings>;

/** Router for a server under test: all procedures, and these. */
export const RING_ROUTER = withRings as unknown as AppRouter;
