import * as v from "valibot";
import type { CallUpdate } from "../../shared/call/call_types.ts";
import type { UserId } from "../../shared/ids.ts";
import { SIGNALS } from "../../shared/signals.ts";
import { roomProcedure } from "../rooms/room_procedure.ts";
import { roomIdSchema, tabIdSchema, waitSchema } from "../rpc/input_schemas.ts";
import { refuseWaitInBatch, requireActor, router, userProcedure } from "../rpc/trpc.ts";
import { connectionKey } from "../streams/signals.ts";
import { callProcedure, deviceOf, participantProcedure, requireInCall } from "./call_procedure.ts";
import {
  callInput,
  declineInput,
  enterInput,
  fileDoneInput,
  iceServersInput,
  mediaInput,
  moderateInput,
  ringInput,
  signalInput,
  startEntries,
} from "./call_schemas.ts";

/** Calls that one account starts: each stays in the room's log. */
const CALL_START_RATE = { perSecond: 0.1, burst: 10 } as const;
const CALL_ENTER_RATE = { perSecond: 1, burst: 30 } as const;
/** Answers to rings, and what ends them; so that nothing keeps anybody from leaving, it has a limit of its own. */
const CALL_END_RATE = { perSecond: 2, burst: 30 } as const;
/** Rings for one person in one room, besides the one of a call that begins. */
const RING_RATE = { perSecond: 1 / 30, burst: 1 } as const;
/** Calls that begin in one room and ring for one person; those who come do not count. */
const CALL_AGAIN_RATE = { perSecond: 1 / 30, burst: 3 } as const;
const MEDIA_RATE = { perSecond: 5, burst: 20 } as const;
/** A connection between two takes about ten signals, and a mesh of six has five of them on each device. */
const SIGNAL_RATE = { perSecond: 30, burst: 150 } as const;
/** Each file stays in the room's log. */
const FILE_RATE = { perSecond: 1, burst: 20 } as const;
const MODERATE_RATE = { perSecond: 2, burst: 20 } as const;

const CURSOR_MESSAGE = "Must be the cursor of an earlier poll, or null";
/** At most sixty in any hour: thirty at once, and thirty more within it. */
const ICE_RATE = { perSecond: 30 / 3_600, burst: 30 } as const;
/** Of servers without credentials, for the call doctor. */
const SERVERS_RATE = { perSecond: 0.1, burst: 20 } as const;
const SFU_RATE = { perSecond: 30 / 3_600, burst: 30 } as const;

const ENTER_LIMIT = ["call enter", CALL_ENTER_RATE] as const;
const END_LIMIT = ["call end", CALL_END_RATE] as const;

/** `calls.*`: calls and their rings. Media never passes the server. */
export const callsRouter = router({
  start: roomProcedure("room.send", {
    limit: ["call start", CALL_START_RATE],
    input: v.strictObject({ ...startEntries, roomId: roomIdSchema }),
  }).mutation(async ({ ctx, input }) => {
    const { roomId, tabId, media, ring, purpose = "talk", files = [] } = input;
    const { limits } = ctx.services;
    const mayRing = (userId: UserId, isNew: boolean) => {
      const [name, rate] = isNew
        ? ["call again", CALL_AGAIN_RATE] as const
        : ["call ring", RING_RATE] as const;
      return limits.tryTake(name, `${roomId} ${userId}`, rate) === 0;
    };
    const options = { media, ring, purpose, files, mayRing } as const;
    const device = deviceOf(ctx.actor, tabId);
    const joined = await ctx.services.calls.store.start(device, roomId, options);
    limits.giveBack("call again", `${roomId} ${device.userId}`, CALL_AGAIN_RATE);
    return joined;
  }),

  accept: callProcedure({ limit: ENTER_LIMIT, input: enterInput }).mutation(async ({ ctx, input }) => {
    const { device, roomId, services: { calls, limits } } = ctx;
    const joined = await calls.store.accept(device, roomId, input.callId, input.media);
    limits.giveBack("call again", `${roomId} ${device.userId}`, CALL_AGAIN_RATE);
    return joined;
  }),

  join: callProcedure({ limit: ENTER_LIMIT, input: enterInput }).mutation(({ ctx, input }) =>
    ctx.services.calls.store.join(ctx.device, ctx.roomId, input.callId, input.media)
  ),

  ring: callProcedure({ limit: ENTER_LIMIT, input: ringInput }).mutation(async ({ ctx, input }) => {
    const { calls, limits } = ctx.services;
    await calls.requireParticipant(ctx.device.key, input.callId);
    limits.take("call ring", `${ctx.roomId} ${input.userId}`, RING_RATE);
    await calls.store.ring(ctx.device, ctx.roomId, input.callId, input.userId);
    return null;
  }),

  rang: callProcedure({ limit: END_LIMIT, input: callInput }).mutation(async ({ ctx, input }) => {
    await ctx.services.calls.store.rang(ctx.device.userId, ctx.roomId, input.callId);
    return null;
  }),

  decline: callProcedure({ limit: END_LIMIT, input: declineInput }).mutation(async ({ ctx, input }) => {
    await ctx.services.calls.store.decline(ctx.device, ctx.roomId, input);
    return null;
  }),

  cancel: callProcedure({ limit: END_LIMIT, input: callInput }).mutation(async ({ ctx, input }) => {
    await ctx.services.calls.store.cancel(ctx.device, ctx.roomId, input.callId);
    return null;
  }),

  leave: callProcedure({ limit: END_LIMIT, input: callInput }).mutation(async ({ ctx, input }) => {
    await ctx.services.calls.store.leave(ctx.device, ctx.roomId, input.callId);
    return null;
  }),

  media: callProcedure({ limit: ["call media", MEDIA_RATE], input: mediaInput }).mutation(
    ({ ctx, input }) => {
      const { callId, mic, cam, screen, screenAudio, hand, revision } = input;
      const media = { mic, cam, screen, screenAudio, hand };
      const options = { callId, media, knownRevision: revision };
      return ctx.services.calls.store.setMedia(ctx.device, ctx.roomId, options);
    },
  ),

  moderate: callProcedure({ limit: ["call moderate", MODERATE_RATE], input: moderateInput }).mutation(
    async ({ ctx, input }) => {
      await ctx.services.calls.store.moderate(ctx.device, ctx.roomId, input);
      return null;
    },
  ),

  fileDone: callProcedure({ limit: ["call file", FILE_RATE], input: fileDoneInput }).mutation(
    async ({ ctx, input }) => {
      await ctx.services.calls.files.done(ctx.device, ctx.roomId, input);
      return null;
    },
  ),

  current: roomProcedure("room.read", { input: v.strictObject({ roomId: roomIdSchema }) }).query(
    ({ ctx, input }) => ctx.services.calls.store.current(input.roomId),
  ),

  signal: callProcedure({ limit: ["call signal", SIGNAL_RATE], input: signalInput }).mutation(
    async ({ ctx, input: { tabId: _, ...signal } }) => {
      await ctx.services.calls.relay.send(ctx.device, signal);
      return null;
    },
  ),

  poll: userProcedure
    .input(v.strictObject({
      tabId: tabIdSchema,
      cursor: v.nullable(v.pipe(v.string(CURSOR_MESSAGE), v.maxLength(100, CURSOR_MESSAGE))),
      waitMs: v.optional(waitSchema, 0),
    }))
    .query(({ ctx, input, signal }) => {
      refuseWaitInBatch(ctx, input);
      const { tabId, cursor, waitMs } = input;
      return ctx.services.calls.polls.poll({
        address: { userId: ctx.actor.userId, key: connectionKey(ctx.actor), tabId },
        cursor,
        waitMs,
        signal: signal ?? new AbortController().signal,
        resolve: () => requireActor(ctx),
      });
    }),

  iceServers: userProcedure.input(iceServersInput).query(async ({ ctx, input: { callId } }) => {
    const { limits, mediaServers } = ctx.services;
    const key = connectionKey(ctx.actor);
    if (callId === null) {
      limits.take("call servers", key, SERVERS_RATE);
      return mediaServers.namesOfServers();
    }
    limits.take("call ice", key, ICE_RATE);
    return mediaServers.iceServers(await requireInCall(ctx, callId));
  }),

  connectSfu: participantProcedure(["call sfu", SFU_RATE]).query(({ ctx }) =>
    ctx.services.mediaServers.joinSfu(ctx.inCall)
  ),

  onSignal: userProcedure.input(v.strictObject({ tabId: tabIdSchema })).subscription(
    async function* ({ ctx, input, signal }): AsyncGenerator<CallUpdate> {
      yield* ctx.services.signals.read(SIGNALS.signals, {
        userId: ctx.actor.userId,
        key: connectionKey(ctx.actor),
        tabId: input.tabId,
        connection: ctx.connection,
        signal: signal ?? new AbortController().signal,
      });
    },
  ),
});
