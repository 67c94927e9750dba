import type { CallId, RoomId } from "../ids.ts";
import { changeSession, endRing, endSession, leaveUnsure, settleRing, shownRings } from "./call_draft.ts";
import { send } from "./call_requests.ts";
import type { CallDraft } from "./call_requests.ts";
import { INCOMING_GRACE_MS, isForwarded, othersIn, REQUEST_MS, sessionOf } from "./call_state.ts";
import type { CallSession, EndReason } from "./call_state.ts";
import type { Call, CallUpdate, Ring } from "./call_types.ts";
import { BUSY_AFTER_MS, CALL_LEASE_MS } from "./call_limits.ts";

/** An update for the state of the call; signals are for the links. */
export type CallStateUpdate = Exclude<CallUpdate, { type: "signal" }>;

type UpdateOf<Type extends CallUpdate["type"]> = Extract<CallUpdate, { type: Type }>;

/** Applies an update from the server. Updates may be late, doubled, or come in another order. */
export function applyUpdate(draft: CallDraft, update: CallStateUpdate): void {
  switch (update.type) {
    case "snapshot":
      return applySnapshot(draft, update);
    case "call_changed":
      leaveUnsure(draft, update.call);
      return applyCall(draft, update.call);
    case "call_ended":
      return callEnded(draft, update);
    case "ring":
      return startRing(draft, update.ring);
    case "ring_state":
      return setRingState(draft, update);
    case "ring_ended":
      return ringEnded(draft, update);
    case "moved":
      return moved(draft, update);
    case "handoff":
      return handOff(draft, update);
  }
}

function applySnapshot(draft: CallDraft, { calls, rings }: UpdateOf<"snapshot">): void {
  for (const call of calls) leaveUnsure(draft, call);
  for (const ring of shownRings(draft)) {
    const isStill = rings.some((one) => one.callId === ring.callId && one.until === ring.until);
    if (!isStill) endRing(draft, ring, "cancelled");
  }
  for (const ring of rings) startRing(draft, ring);
  const session = sessionOf(draft.state);
  const call = calls.find((one) => one.callId === session?.callId);
  if (call !== undefined) applyCall(draft, call);
  // The snapshot may be older than the answer that made this device a participant, so the server is asked.
  else if (session !== null && session.own !== null) askCurrent(draft, session.roomId);
}

/** Asks which call runs in the room, unless the answer is already awaited. */
export function askCurrent(draft: CallDraft, roomId: RoomId): void {
  const { pending, later } = draft.state;
  const isAsked = [...pending, ...later].some((one) =>
    one.roomId === roomId && one.request.type === "current"
  );
  if (!isAsked) send(draft, { type: "current", roomId }, roomId);
}

/** Applies a newer state of the call of this device; others are ignored. */
export function applyCall(draft: CallDraft, call: Call): void {
  const session = sessionOf(draft.state);
  if (session === null || session.roomId !== call.roomId) return;
  if (session.call?.callId === call.callId && session.call.revision >= call.revision) return;
  // Until its own request is answered, a device does not know which participant it is.
  if (session.own === null) {
    if (session.callId === null || session.callId === call.callId) changeSession(draft, { call });
    return;
  }
  if (session.callId !== call.callId) return;
  const own = call.participants.find((one) => one.participantId === session.own?.participantId);
  if (own === undefined) return endSession(draft, removalReason(draft));
  if (own.seq > session.own.seq) return endSession(draft, "moved");
  const ringing = new Map(session.rings);
  for (const { userId } of othersIn({ ...session, call })) ringing.delete(userId);
  const { purpose } = call;
  changeSession(draft, { call, purpose, rings: ringing });
  if (!own.media.mic) muteByModerator(draft, call.revision);
}

/**
 * A microphone is only switched off from elsewhere, and only by a change after the last one of this device. While
 * such a change is under way, its answer decides.
 */
function muteByModerator(draft: CallDraft, revision: number): void {
  const session = sessionOf(draft.state);
  if (session === null || !session.told.mic || revision <= session.toldRevision) return;
  const isTelling = draft.state.pending.some(({ request }) => {
    return request.type === "media" && request.callId === session.callId;
  });
  if (isTelling) return;
  changeSession(draft, { told: { ...session.told, mic: false }, want: { ...session.want, mic: false } });
}

/**
 * Without its stream a device leaves when its lease ends, counted from the last renewal; with it, only if somebody
 * removes it.
 */
export function removalReason({ state: { outage }, nowMs }: CallDraft): EndReason {
  if (outage === null) return "kicked";
  const { lostAt, backAt } = outage;
  const isOver = backAt !== null && nowMs - backAt > 2 * REQUEST_MS;
  return !isOver && (backAt ?? nowMs) - lostAt >= CALL_LEASE_MS / 2 ? "server_lost" : "kicked";
}

function callEnded(draft: CallDraft, { callId, missed, reason }: UpdateOf<"call_ended">): void {
  if (reason === undefined) {
    settleUnknown(draft, callId);
    for (const ring of shownRings(draft)) if (ring.callId === callId) endRing(draft, ring, "cancelled");
  }
  const session = sessionOf(draft.state);
  if (session === null || session.callId !== callId) return;
  // From a call through an SFU, the server removes those whose stream it has only when that is away.
  const isSfuAway = reason === "failed" && isForwarded(session) &&
    removalReason(draft) !== "server_lost";
  const ended = reason ?? session.ringEnded ?? (missed && session.isStarter ? "missed" : "hangup");
  endSession(draft, ended, isSfuAway ? "sfu_away" : null);
}

/** Shows a ring: loudly, or quietly to somebody in another call. */
function startRing(draft: CallDraft, ring: Ring): void {
  const { state: { stage, settled, waiting }, nowMs } = draft;
  const { callId, until } = ring;
  if (settled.some((one) => one.callId === callId && (one.until === null || one.until === until))) return;
  if (shownRings(draft).some((one) => one.callId === callId && one.until === until)) return;
  if (ring.remainingMs <= 0 || sessionOf(draft.state)?.callId === callId) return;
  // A second ring of a call replaces the first, whose end was missed.
  for (const former of shownRings(draft)) if (former.callId === callId) endRing(draft, former, "missed");
  const endsAt = nowMs + ring.remainingMs + INCOMING_GRACE_MS;
  const pending = { ...ring, endsAt, busyAt: nowMs + BUSY_AFTER_MS };
  const isBeside = stage.phase === "incoming" || "session" in stage;
  draft.state = { ...draft.state, waiting: [...draft.state.waiting, pending] };
  if (isBeside && waiting.length >= WAITING_MAX_COUNT) endRing(draft, pending, "missed");
}

/** Cards of further rings that fit beside a call. */
const WAITING_MAX_COUNT = 4;

const RING_ORDER = ["calling", "ringing", "in_another_call"];

function setRingState(draft: CallDraft, { callId, userId, state }: UpdateOf<"ring_state">): void {
  const session = sessionOf(draft.state);
  const before = session?.rings.get(userId);
  // It may overtake the answer to `start`, which names the call.
  if (session === null || (session.callId ?? callId) !== callId || before === undefined) return;
  if (RING_ORDER.indexOf(state) <= RING_ORDER.indexOf(before)) return;
  changeSession(draft, { rings: new Map([...session.rings, [userId, state]]) });
}

function ringEnded(draft: CallDraft, { callId, userId, reason }: UpdateOf<"ring_ended">): void {
  const session = sessionOf(draft.state);
  if (session?.callId === callId && session.rings.has(userId)) {
    return calleeAnswered(draft, session, { userId, reason });
  }
  settleUnknown(draft, callId);
  const why = reason === "accepted" ? "answered_elsewhere" : reason;
  for (const ring of shownRings(draft)) if (ring.callId === callId) endRing(draft, ring, why);
  // The answer to this device's own `accept` decides; this is the reason if it is refused.
  if (session?.callId === callId && session.own === null) changeSession(draft, { ringEnded: why });
}

/** The end of a ring may overtake the ring, which must not start then. */
function settleUnknown(draft: CallDraft, callId: CallId): void {
  const isKnown = [...shownRings(draft), ...draft.state.settled].some((one) => one.callId === callId);
  if (!isKnown) settleRing(draft, callId, null);
}

function calleeAnswered(
  draft: CallDraft,
  session: CallSession,
  { userId, reason }: Pick<UpdateOf<"ring_ended">, "userId" | "reason">,
): void {
  const state = session.rings.get(userId);
  const rings = new Map(session.rings);
  rings.delete(userId);
  // Whoever accepted is in the call with the next update; until then the phase stays as it is.
  if (reason === "accepted") return;
  changeSession(draft, { rings });
  if (!session.isDirect) return;
  const isBusy = reason === "declined" && state === "in_another_call";
  endSession(draft, isBusy ? "busy" : reason);
}

function moved(draft: CallDraft, { callId, seq }: UpdateOf<"moved">): void {
  const session = sessionOf(draft.state);
  if (session?.callId === callId && session.own !== null && session.own.seq <= seq) {
    endSession(draft, "moved");
  }
}

function handOff(draft: CallDraft, { callId, topology }: UpdateOf<"handoff">): void {
  const session = sessionOf(draft.state);
  if (session?.callId !== callId || session.call === null) return;
  changeSession(draft, { call: { ...session.call, topology } });
}
