import type { CallId, RoomId } from "../ids.ts";
import { dropWaiting, isAttempt, send } from "./call_requests.ts";
import type { CallDraft, CallRequest } from "./call_requests.ts";
import { sessionOf, sessionPhase } from "./call_state.ts";
import type { CallSession, CallStage, EndReason, PendingRing } from "./call_state.ts";
import type { Call, CallPurpose, JoiningMedia, ToldMedia } from "./call_types.ts";

/** Settled rings are remembered for this long. */
const REMEMBER_MS = 60_000;
/** A start without an answer is remembered for this long: the server has long ended the lease by then. */
const UNSURE_MS = 600_000;
const REMEMBER_MAX_COUNT = 32;
/** A ring may arrive this long after the update that ended it; a person is rung again after 30 s at the earliest. */
const LATE_RING_MS = 10_000;
const SILENT: Pick<ToldMedia, "screen" | "screenAudio" | "hand"> = {
  screen: false,
  screenAudio: false,
  hand: false,
};

/** Sets the phase and its data. */
export function setStage(draft: CallDraft, stage: CallStage): void {
  draft.state = { ...draft.state, stage };
}

/** Changes the participation; the phase follows from it. */
export function changeSession(draft: CallDraft, changes: Partial<CallSession>): void {
  const { stage } = draft.state;
  if (!("session" in stage)) return;
  const session = normalize({ ...stage.session, ...changes });
  const phase = sessionPhase(session);
  setStage(draft, { phase, session, since: phase === stage.phase ? stage.since : draft.nowMs });
}

/** Forgets the links of those who left, and that there were links once nobody is left. */
function normalize(session: CallSession): CallSession {
  const { own, call } = session;
  if (own === null || call === null) return session;
  const isSfuUp = session.isSfuUp && call.topology === "sfu";
  const others = call.participants.filter((one) => one.participantId !== own.participantId);
  const isGone = [...session.up].some((id) => !others.some((one) => one.participantId === id));
  const up = isGone
    ? new Set(others.map((one) => one.participantId).filter((id) => session.up.has(id)))
    : session.up;
  const wasUp = others.length > 0 && (session.wasUp || session.isSfuUp || up.size > 0);
  return { ...session, up, isSfuUp, wasUp };
}

/** What one joins with. */
export interface JoinOptions {
  readonly roomId: RoomId;
  readonly isDirect: boolean;
  readonly purpose: CallPurpose;
  readonly media: JoiningMedia;
}

/** Sends a request to join, after leaving the call that this device is in. */
export function beginSession(draft: CallDraft, options: JoinOptions, request: CallRequest): void {
  if (sessionOf(draft.state) !== null) endSession(draft, "hangup");
  const { roomId, isDirect, purpose, media } = options;
  dropWaiting(draft, roomId);
  const requestId = send(draft, request, roomId);
  const told = { ...SILENT, mic: media.mic, cam: media.cam };
  setStage(draft, {
    phase: request.type === "start" ? "outgoing" : "connecting",
    since: draft.nowMs,
    session: {
      roomId,
      isDirect,
      purpose,
      isStarter: request.type === "start",
      requestId,
      callId: "callId" in request ? request.callId : null,
      own: null,
      call: null,
      rings: new Map(),
      ringsUntil: draft.nowMs,
      up: new Set(),
      isSfuUp: false,
      wasUp: false,
      want: told,
      told,
      toldRevision: 0,
      tellAt: null,
      refusal: null,
      ringEnded: null,
    },
  });
}

/**
 * Ends the participation here and now, and tells the server. It refuses that where the participation has ended
 * already, which is harmless.
 */
export function endSession(draft: CallDraft, reason: EndReason, code: string | null = null): void {
  const session = sessionOf(draft.state);
  if (session === null) return;
  const { roomId, callId, own, purpose, rings } = session;
  if (own !== null && callId !== null && reason !== "moved") {
    if (rings.size > 0) send(draft, { type: "cancel", callId }, roomId);
    send(draft, { type: "leave", callId }, roomId);
  }
  // An attempt that was not sent yet is not sent any more; of one that was, the answer is waited for.
  dropAttempts(draft, roomId);
  setStage(draft, { phase: "ended", end: { reason, roomId, callId, purpose, code } });
}

function dropAttempts(draft: CallDraft, roomId: RoomId): void {
  const later = draft.state.later.filter((one) => one.roomId !== roomId || !isAttempt(one.request));
  draft.state = { ...draft.state, later };
}

/** Ends a ring that was shown here, loudly or quietly. */
export function endRing(draft: CallDraft, ring: PendingRing, reason: EndReason): void {
  settleRing(draft, ring.callId, ring.until);
  const { stage, waiting } = draft.state;
  draft.state = { ...draft.state, waiting: waiting.filter((one) => one !== ring) };
  if (stage.phase !== "incoming" || stage.ring !== ring) return;
  const { roomId, callId } = ring;
  setStage(draft, { phase: "ended", end: { reason, roomId, callId, purpose: "talk", code: null } });
}

/** Remembers that a ring is over, because updates about it may still arrive; null means each ring of the call. */
export function settleRing(draft: CallDraft, callId: CallId, until: string | null): void {
  const { state, nowMs } = draft;
  const forgetAt = nowMs + (until === null ? LATE_RING_MS : REMEMBER_MS);
  const settled = [...state.settled, { callId, until, forgetAt }].slice(-REMEMBER_MAX_COUNT);
  draft.state = { ...state, settled };
}

/** Remembers that a start failed without an answer, so that this device may be in a call there. */
export function rememberStart(draft: CallDraft, roomId: RoomId): void {
  const { state, nowMs } = draft;
  const unsure = [...state.unsure, { roomId, forgetAt: nowMs + UNSURE_MS }].slice(-REMEMBER_MAX_COUNT);
  draft.state = { ...state, unsure };
}

/** Leaves a call into which a start without an answer may have put this device. The server ignores others. */
export function leaveUnsure(draft: CallDraft, { callId, roomId }: Call): void {
  const { unsure } = draft.state;
  const session = sessionOf(draft.state);
  if (!unsure.some((one) => one.roomId === roomId) || session?.roomId === roomId) return;
  draft.state = { ...draft.state, unsure: unsure.filter((one) => one.roomId !== roomId) };
  send(draft, { type: "leave", callId }, roomId);
}

/** The rings that are shown, loudly or quietly. */
export function shownRings(draft: CallDraft): PendingRing[] {
  const { stage, waiting } = draft.state;
  return stage.phase === "incoming" ? [stage.ring, ...waiting] : [...waiting];
}
