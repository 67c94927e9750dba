import type { RoomId } from "../ids.ts";
import {
  beginSession,
  changeSession,
  endRing,
  endSession,
  leaveUnsure,
  rememberStart,
} from "./call_draft.ts";
import { isAttempt, isFarewell, send, sendAgain, takePending } from "./call_requests.ts";
import type { CallAnswer, CallDraft, PendingRequest } from "./call_requests.ts";
import { sessionOf } from "./call_state.ts";
import type { CallSession, EndReason } from "./call_state.ts";
import type { Call, Joined, MediaTold, ToldMedia } from "./call_types.ts";
import { applyCall, askCurrent, removalReason } from "./call_updates.ts";

/** After this, media that the server did not take are told again. */
const TELL_AGAIN_MS = 2_000;
/** Pauses between questions for the call of a room grow until this try. */
const ASK_MAX_TRIES = 4;
/** Errors after which the same request may succeed; null is no answer at all. */
const IS_TEMPORARY: ReadonlySet<string | null> = new Set([
  null,
  "rate_limited",
  "storage_unavailable",
  "storage_full",
  "draining",
]);

/** Applies an answer. The one to a request that has failed meanwhile still tells where this device is. */
export function applyAnswer(draft: CallDraft, id: number, answer: CallAnswer): void {
  const pending = takePending(draft, id);
  if (answer.type === "joined") return joined(draft, id, answer.joined);
  if (pending === undefined) return;
  if (answer.type === "current") return currentCall(draft, pending.roomId, answer.call);
  if (answer.type === "media") mediaTold(draft, pending, answer.told);
}

/** Applies a refusal; the code is null if there was no answer. */
export function applyRefusal(draft: CallDraft, id: number, code: string | null): void {
  const pending = takePending(draft, id);
  if (pending === undefined) return;
  const { request, roomId } = pending;
  if (isAttempt(request)) return attemptFailed(draft, pending, code);
  if (isFarewell(request)) {
    // A farewell to a room that the person has entered again would end the new participation.
    if (IS_TEMPORARY.has(code) && sessionOf(draft.state)?.roomId !== roomId) sendAgain(draft, pending);
    return;
  }
  if (request.type === "current") return currentRefused(draft, pending, code);
  const session = sessionOf(draft.state);
  if (session === null || session.own === null || session.roomId !== roomId) return;
  if (code === "call_moved") return endSession(draft, "moved");
  if (request.type === "media") return mediaRefused(draft, code);
  if (request.type === "ring") {
    const rings = new Map(session.rings);
    rings.delete(request.userId);
    changeSession(draft, { rings, refusal: code });
  }
}

function joined(draft: CallDraft, id: number, { call, participantId }: Joined): void {
  const session = sessionOf(draft.state);
  if (session?.requestId !== id) return leaveUnwanted(draft, call);
  const own = call.participants.find((one) => one.participantId === participantId);
  // The answer of a sane server has this device in it.
  if (own === undefined) return endSession(draft, "failed", "internal");
  const early = session.call;
  const rings = new Map(session.rings);
  for (const { userId, participantId: other } of call.participants) {
    if (other !== participantId) rings.delete(userId);
  }
  changeSession(draft, {
    requestId: null,
    callId: call.callId,
    own: { participantId, seq: own.seq },
    call,
    purpose: call.purpose,
    rings,
    told: { ...own.media, hand: own.handSince !== null },
    toldRevision: call.revision,
    ringEnded: null,
  });
  // An update that overtook the answer counts now, if it is about the same call.
  if (early !== null && early.callId === call.callId) applyCall(draft, early);
  // So may the end of the call, which is remembered like that of a ring that nobody knew.
  if (draft.state.settled.some(({ callId, until }) => callId === call.callId && until === null)) {
    askCurrent(draft, call.roomId);
  }
  for (const ring of draft.state.waiting) if (ring.callId === call.callId) endRing(draft, ring, "hangup");
}

/** The person left before the answer came, so this device leaves the call that it is in by now. */
function leaveUnwanted(draft: CallDraft, { callId, roomId }: Call): void {
  if (sessionOf(draft.state)?.roomId === roomId) return;
  const isLeaving = draft.state.pending.some(({ request }) =>
    request.type === "leave" && request.callId === callId
  );
  if (!isLeaving) send(draft, { type: "leave", callId }, roomId);
}

function attemptFailed(draft: CallDraft, { id, request, roomId }: PendingRequest, code: string | null): void {
  const session = sessionOf(draft.state);
  const isCurrent = session?.requestId === id;
  if (code === null && (isCurrent || session?.roomId !== roomId)) {
    // It is not known whether the server has done it.
    if ("callId" in request) send(draft, { type: "leave", callId: request.callId }, roomId);
    else findStart(draft, roomId);
  }
  if (!isCurrent) return;
  const { isDirect, purpose } = session;
  const isStale = request.type === "join" && code === "not_found";
  endSession(draft, session.ringEnded ?? failure(code, request.type), code);
  // The call that one wanted to join has just ended: in a room, one would start the next by the same button.
  if (isStale && !isDirect && purpose === "talk") {
    beginSession(draft, { roomId, isDirect, purpose, media: request.media }, {
      type: "start",
      roomId,
      media: request.media,
      ring: [],
      purpose,
    });
  }
}

/** Finds out whether a start without an answer has put this device into a call, to leave it then. */
function findStart(draft: CallDraft, roomId: RoomId): void {
  rememberStart(draft, roomId);
  askCurrent(draft, roomId);
}

function failure(code: string | null, type: string): EndReason {
  if (code === null) return "server_lost";
  // Another device was first with the ring, or with the files.
  if (code === "wrong_state" && type !== "start") return "answered_elsewhere";
  return code === "not_found" && type === "accept" ? "cancelled" : "failed";
}

function mediaTold(
  draft: CallDraft,
  { request, roomId }: PendingRequest,
  { revision, isMuted }: MediaTold,
): void {
  const session = sessionOf(draft.state);
  if (request.type !== "media" || session?.roomId !== roomId || session.callId !== request.callId) return;
  const isMutedSince = isMuted || session.call !== null && session.call.revision > revision &&
      session.call.participants.some((one) =>
        one.participantId === session.own?.participantId && !one.media.mic
      );
  const told = isMutedSince ? { ...request.media, mic: false } : request.media;
  const want = isMutedSince && request.media.mic ? { ...session.want, mic: false } : session.want;
  changeSession(draft, { told, want, toldRevision: Math.max(revision, session.toldRevision), tellAt: null });
}

function mediaRefused(draft: CallDraft, code: string | null): void {
  const session = sessionOf(draft.state);
  if (session === null) return;
  if (IS_TEMPORARY.has(code)) return changeSession(draft, { tellAt: draft.nowMs + TELL_AGAIN_MS });
  changeSession(draft, { want: withoutRefused(session, code), refusal: code });
  if (code !== "call_full") askCurrent(draft, session.roomId);
}

/**
 * What is still wanted after a refusal. It switches nothing on: who muted while a camera was refused stays muted. A full
 * call has no room for pictures, but for sound.
 */
function withoutRefused({ want, told }: CallSession, code: string | null): ToldMedia {
  return {
    mic: want.mic && (told.mic || code === "call_full"),
    cam: want.cam && told.cam,
    screen: want.screen && told.screen,
    screenAudio: want.screenAudio && told.screenAudio,
    hand: want.hand && (told.hand || code === "call_full"),
  };
}

function currentCall(draft: CallDraft, roomId: RoomId, call: Call | null): void {
  if (call !== null) leaveUnsure(draft, call);
  const session = sessionOf(draft.state);
  if (session === null || session.own === null || session.roomId !== roomId) return;
  if (call !== null && call.callId === session.callId) return applyCall(draft, call);
  const reason = removalReason(draft);
  endSession(draft, reason === "kicked" ? "hangup" : reason);
}

function currentRefused(draft: CallDraft, pending: PendingRequest, code: string | null): void {
  const session = sessionOf(draft.state);
  const isIn = session !== null && session.own !== null && session.roomId === pending.roomId;
  if (code === "not_found" && isIn) return endSession(draft, "left_room");
  const isUnsure = draft.state.unsure.some(({ roomId }) => roomId === pending.roomId);
  // It is asked until there is an answer, or nothing depends on it any more.
  const tries = Math.min(pending.tries, ASK_MAX_TRIES);
  if (IS_TEMPORARY.has(code) && (isIn || isUnsure)) sendAgain(draft, { ...pending, tries });
}
