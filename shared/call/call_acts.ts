import type { CallId, RoomId, UserId } from "../ids.ts";
import { beginSession, changeSession, endRing, endSession, setStage, shownRings } from "./call_draft.ts";
import type { JoinOptions } from "./call_draft.ts";
import { send } from "./call_requests.ts";
import type { CallDraft } from "./call_requests.ts";
import { FILES_WAIT_MS, RING_GRACE_MS, sessionOf } from "./call_state.ts";
import type { PendingRing } from "./call_state.ts";
import type { CallPurpose, FileLabel, JoiningMedia, Media } from "./call_types.ts";
import { BUSY_AFTER_MS, RING_MS } from "./call_limits.ts";

/** What the person on this device does. */
export type CallAct =
  /** Starts a call, or joins the one that runs there. `ring` includes the other person of a direct room. */
  | ({
    readonly type: "start";
    readonly ring: readonly UserId[];
    readonly files?: readonly FileLabel[];
  } & JoinOptions)
  /** Joins a call, also to take it over from another tab. */
  | ({ readonly type: "join"; readonly callId: CallId } & JoinOptions)
  /** Accepts a ring, after leaving the call that this device is in. */
  | {
    readonly type: "accept";
    readonly callId: CallId;
    readonly media: JoiningMedia;
    readonly isDirect: boolean;
  }
  | { readonly type: "decline"; readonly callId: CallId }
  | { readonly type: "leave" }
  /** Rings more people; or takes all rings back without leaving. */
  | { readonly type: "ring_more"; readonly userId: UserId }
  | { readonly type: "cancel_rings" }
  /** Also when a device fails, or the browser ends a shared screen. */
  | { readonly type: "media"; readonly media: Partial<Media> }
  | { readonly type: "hand"; readonly isRaised: boolean }
  | { readonly type: "dismiss" };

/** Applies what the person does. What makes no sense any more is ignored: a click may come too late. */
export function applyAct(draft: CallDraft, act: CallAct): void {
  switch (act.type) {
    case "start":
      return start(draft, act);
    case "join":
      return join(draft, act);
    case "accept":
      return accept(draft, act);
    case "decline":
      return decline(draft, act.callId);
    case "leave":
      return endSession(draft, isRinging(draft) ? "cancelled" : "hangup");
    case "ring_more":
      return ringMore(draft, act.userId);
    case "cancel_rings":
      return cancelRings(draft);
    case "media":
      return change(draft, act.media);
    case "hand":
      return change(draft, { hand: act.isRaised });
    case "dismiss":
      if (draft.state.stage.phase === "ended") setStage(draft, { phase: "idle" });
      return;
  }
}

/** Whether this device is there already. A call of talking people takes one for files over. */
function isIn(draft: CallDraft, roomId: RoomId, purpose: CallPurpose): boolean {
  const session = sessionOf(draft.state);
  return session?.roomId === roomId && (purpose === "files" || session.purpose === "talk");
}

function isRinging(draft: CallDraft): boolean {
  return draft.state.stage.phase === "outgoing";
}

function start(draft: CallDraft, act: Extract<CallAct, { type: "start" }>): void {
  const { roomId, media, isDirect, ring, purpose, files = [] } = act;
  if (isIn(draft, roomId, purpose)) return;
  // Whoever calls back while it rings means this call.
  const ringing = shownRings(draft).find((one) => one.roomId === roomId);
  if (ringing !== undefined && purpose === "talk") {
    return accept(draft, { type: "accept", callId: ringing.callId, media, isDirect });
  }
  holdRing(draft);
  const offered = files.length > 0 ? { files } : {};
  beginSession(draft, act, { type: "start", roomId, media, ring: isDirect ? [] : ring, purpose, ...offered });
  const isTalk = purpose === "talk";
  changeSession(draft, {
    rings: new Map(isTalk ? ring.map((userId) => [userId, "calling"]) : []),
    ringsUntil: draft.nowMs + (isTalk ? RING_MS + RING_GRACE_MS : FILES_WAIT_MS),
  });
}

function join(draft: CallDraft, act: Extract<CallAct, { type: "join" }>): void {
  if (isIn(draft, act.roomId, act.purpose)) return;
  const ringing = shownRings(draft).find((one) => one.callId === act.callId);
  if (ringing !== undefined) return accept(draft, { ...act, type: "accept" });
  holdRing(draft);
  beginSession(draft, act, { type: "join", callId: act.callId, media: act.media });
}

function accept(draft: CallDraft, { callId, media, isDirect }: Extract<CallAct, { type: "accept" }>): void {
  const ring = shownRings(draft).find((one) => one.callId === callId);
  if (ring === undefined || isIn(draft, ring.roomId, "talk")) return;
  holdRing(draft);
  // Holding replaces what is held.
  const held = shownRings(draft).find((one) => one.callId === callId);
  if (held !== undefined) endRing(draft, held, "hangup");
  const options: JoinOptions = { roomId: ring.roomId, isDirect, purpose: "talk", media };
  beginSession(draft, options, { type: "accept", callId, media });
}

/** A ring that is loud waits quietly while its person does something else. */
function holdRing(draft: CallDraft): void {
  const { stage, waiting } = draft.state;
  const hold = (ring: PendingRing) => ({ ...ring, busyAt: draft.nowMs + BUSY_AFTER_MS });
  if (stage.phase === "incoming") {
    draft.state = { ...draft.state, stage: { phase: "idle" }, waiting: [hold(stage.ring), ...waiting] };
  } else if (sessionOf(draft.state)?.purpose === "files") {
    draft.state = { ...draft.state, waiting: waiting.map(hold) };
  }
}

function decline(draft: CallDraft, callId: CallId): void {
  const ring = shownRings(draft).find((one) => one.callId === callId);
  if (ring === undefined) return;
  // Whoever declines because of another call is told to be busy.
  const isTalking = sessionOf(draft.state)?.purpose === "talk";
  declineRing(draft, { ring, reason: isTalking ? "busy" : "declined" });
}

/** Declines a ring by an act, or as busy after a while. */
export function declineRing(
  draft: CallDraft,
  { ring, reason }: { ring: Parameters<typeof endRing>[1]; reason: "declined" | "busy" },
): void {
  endRing(draft, ring, reason);
  send(draft, { type: "decline", callId: ring.callId, reason }, ring.roomId);
}

function ringMore(draft: CallDraft, userId: UserId): void {
  const session = sessionOf(draft.state);
  if (session === null || session.own === null || session.callId === null) return;
  if (session.rings.has(userId)) return;
  send(draft, { type: "ring", callId: session.callId, userId }, session.roomId);
  changeSession(draft, {
    rings: new Map([...session.rings, [userId, "calling"]]),
    ringsUntil: draft.nowMs + RING_MS + RING_GRACE_MS,
  });
}

function cancelRings(draft: CallDraft): void {
  const session = sessionOf(draft.state);
  if (session === null || session.callId === null || session.rings.size === 0) return;
  if (session.isDirect && draft.state.stage.phase === "outgoing") return endSession(draft, "cancelled");
  send(draft, { type: "cancel", callId: session.callId }, session.roomId);
  changeSession(draft, { rings: new Map() });
}

function change(draft: CallDraft, media: Partial<Media> & { hand?: boolean }): void {
  const session = sessionOf(draft.state);
  if (session !== null) changeSession(draft, { want: { ...session.want, ...media }, refusal: null });
}
