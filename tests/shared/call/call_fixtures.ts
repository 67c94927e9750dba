import { NO_CALL } from "../../../shared/call/call_state.ts";
import type { CallPhase, CallState } from "../../../shared/call/call_state.ts";
import type { Call, CallUpdate, Participant, Ring } from "../../../shared/call/call_types.ts";
import { reduceCall } from "../../../shared/call/reduce_call.ts";
import type { CallEvent } from "../../../shared/call/reduce_call.ts";
import type { CallId, ParticipantId, RoomId, UserId } from "../../../shared/ids.ts";

/** The room of the call. */
export const roomId = "room" as RoomId;
export const callId = "call" as CallId;
export const bo = "bo" as UserId;
export const media = { mic: true, cam: false };
const silent = { ...media, screen: false, screenAudio: false };
export const me: Participant = {
  participantId: "me" as ParticipantId,
  userId: "ana" as UserId,
  seq: 1,
  media: silent,
  handSince: null,
};
export const other: Participant = { ...me, participantId: "other" as ParticipantId, userId: bo, seq: 2 };

/** The call with these participants. */
export function call(revision: number, ...participants: Participant[]): Call {
  const startedAt = "2026-03-01T12:00:00Z";
  return {
    callId,
    roomId,
    startedBy: me.userId,
    startedAt,
    topology: "mesh",
    purpose: "talk",
    participants,
    revision,
  };
}

/** A ring by Bo. */
export function ring(id: string, room: string): Ring {
  const until = "2026-03-01T12:00:45Z";
  return { callId: id as CallId, roomId: room as RoomId, by: bo, video: false, until, remainingMs: 45_000 };
}

export const update = (of: Exclude<CallUpdate, { type: "signal" }>): CallEvent => ({
  type: "update",
  update: of,
});
export const link = (isUp: boolean): CallEvent => ({
  type: "link",
  participantId: other.participantId,
  seq: 2,
  isUp,
});
export const join = { isDirect: true, purpose: "talk" as const, media };

/** What leads to each phase, from no call. */
export const PATHS: Readonly<Record<CallPhase, readonly CallEvent[]>> = (() => {
  const start: CallEvent = { type: "act", act: { type: "start", roomId, ring: [bo], ...join } };
  const answer = { type: "joined", joined: { call: call(1, me), participantId: me.participantId } } as const;
  const outgoing: CallEvent[] = [start, { type: "answered", id: 1, answer }];
  const connecting = [...outgoing, update({ type: "call_changed", call: call(2, me, other) })];
  const active = [...connecting, link(true)];
  return {
    idle: [],
    outgoing,
    incoming: [update({ type: "ring", ring: ring("call", "room") })],
    connecting,
    active,
    reconnecting: [...active, link(false)],
    ended: [...active, { type: "act", act: { type: "leave" } }],
  };
})();
/** The state in a phase, at time 0. */
export function stateIn(phase: CallPhase): CallState {
  return PATHS[phase].reduce((state, event) => reduceCall(state, event, 0).state, NO_CALL);
}
