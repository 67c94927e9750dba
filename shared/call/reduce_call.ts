import type { ParticipantId } from "../ids.ts";
import { applyAct, declineRing } from "./call_acts.ts";
import type { CallAct } from "./call_acts.ts";
import { applyAnswer, applyRefusal } from "./call_answers.ts";
import { changeSession, endRing, endSession, setStage } from "./call_draft.ts";
import { changedOutputs, isSfuWanted, loudRing } from "./call_outputs.ts";
import type { CallOutput } from "./call_outputs.ts";
import { requestsDeadline, send, sendDue } from "./call_requests.ts";
import type { CallAnswer, CallDraft, CallRequest } from "./call_requests.ts";
import { othersIn, sessionOf, stageDeadline } from "./call_state.ts";
import type { CallState, PendingRing } from "./call_state.ts";
import type { ToldMedia } from "./call_types.ts";
import { applyUpdate } from "./call_updates.ts";
import type { CallStateUpdate } from "./call_updates.ts";

/** Everything that happens to a call. */
export type CallEvent =
  | { readonly type: "act"; readonly act: CallAct }
  | { readonly type: "update"; readonly update: CallStateUpdate }
  | { readonly type: "answered"; readonly id: number; readonly answer: CallAnswer }
  /** `code` is null if there was no answer. */
  | { readonly type: "refused"; readonly id: number; readonly code: string | null }
  | {
    readonly type: "link";
    readonly participantId: ParticipantId;
    readonly seq: number;
    readonly isUp: boolean;
  }
  | { readonly type: "sfu"; readonly isUp: boolean }
  /** The stream of updates was opened or lost. */
  | { readonly type: "stream"; readonly isOpen: boolean }
  /** The time of a `wake` effect has come. */
  | { readonly type: "tick" };

/** What a device does after an event. */
export type CallEffect =
  | { readonly type: "request"; readonly id: number; readonly request: CallRequest }
  | CallOutput
  /** Send a tick at this time; null if there is nothing to wait for. It replaces the one before. */
  | { readonly type: "wake"; readonly at: number | null };

/** A state, and what to do to get there. */
export interface CallStep {
  readonly state: CallState;
  readonly effects: readonly CallEffect[];
}

/** Applies an event to the state of a call on this device. `nowMs` is any clock that does not run backwards. */
export function reduceCall(before: CallState, event: CallEvent, nowMs: number): CallStep {
  const draft: CallDraft = { state: before, sent: [], nowMs };
  applyEvent(draft, event);
  passDeadlines(draft);
  sendDue(draft);
  promoteRing(draft);
  tellRinging(draft, loudRing(before));
  tellMedia(draft);
  const { state, sent } = draft;
  const requests = sent.map(({ id, request }) => ({ type: "request" as const, id, request }));
  const wakeAt = callDeadline(state);
  // Browsers fire timers up to a millisecond early, so a tick sets the next alarm in any case.
  const isSet = event.type !== "tick" && wakeAt === callDeadline(before);
  const wake = isSet ? [] : [{ type: "wake" as const, at: wakeAt }];
  // Outputs come first: links that are closed still tell their peers while this device is a participant.
  return { state, effects: [...changedOutputs(before, state), ...requests, ...wake] };
}

function applyEvent(draft: CallDraft, event: CallEvent): void {
  switch (event.type) {
    case "act":
      return applyAct(draft, event.act);
    case "update":
      return applyUpdate(draft, event.update);
    case "answered":
      return applyAnswer(draft, event.id, event.answer);
    case "refused":
      return applyRefusal(draft, event.id, event.code);
    case "link":
      return linkChanged(draft, event);
    case "sfu":
      return changeSession(draft, { isSfuUp: event.isUp && isSfuWanted(draft.state) });
    case "stream":
      return streamChanged(draft, event.isOpen);
    case "tick":
      return;
  }
}

function linkChanged(
  draft: CallDraft,
  { participantId, seq, isUp }: Extract<CallEvent, { type: "link" }>,
): void {
  const session = sessionOf(draft.state);
  if (session === null || session.own === null) return;
  const isPeer = othersIn(session).some((one) => one.participantId === participantId && one.seq === seq);
  if (!isPeer || session.up.has(participantId) === isUp) return;
  const up = new Set(session.up);
  if (isUp) up.add(participantId);
  else up.delete(participantId);
  changeSession(draft, { up });
}

function streamChanged(draft: CallDraft, isOpen: boolean): void {
  const { state, nowMs } = draft;
  const { outage } = state;
  const isLost = outage !== null && outage.backAt === null;
  if (isOpen && isLost) draft.state = { ...state, outage: { ...outage, backAt: nowMs } };
  else if (!isOpen && !isLost) draft.state = { ...state, outage: { lostAt: nowMs, backAt: null } };
}

/** When something happens by itself; null if nothing does. */
export function callDeadline(state: CallState): number | null {
  const { stage, waiting } = state;
  const tellAt = sessionOf(state)?.tellAt ?? Infinity;
  const cards = waiting.map((one) => isBusy(state) ? Math.min(one.busyAt, one.endsAt) : one.endsAt);
  const at = Math.min(stageDeadline(stage) ?? Infinity, tellAt, requestsDeadline(state), ...cards);
  return at === Infinity ? null : at;
}

/** Whether rings wait quietly, and are declined after a while. */
function isBusy(state: CallState): boolean {
  return sessionOf(state)?.purpose !== "files";
}

function passDeadlines(draft: CallDraft): void {
  const { nowMs } = draft;
  for (const { id, failsAt } of draft.state.pending) if (failsAt <= nowMs) applyRefusal(draft, id, null);
  for (const ring of draft.state.waiting) {
    if (ring.endsAt <= nowMs) endRing(draft, ring, "missed");
    else if (isBusy(draft.state) && ring.busyAt <= nowMs) declineRing(draft, { ring, reason: "busy" });
  }
  const { stage, settled, unsure } = draft.state;
  const deadline = stageDeadline(stage);
  if (deadline !== null && deadline <= nowMs) passStage(draft);
  const isFresh = ({ forgetAt }: { forgetAt: number }) => forgetAt > nowMs;
  if (!settled.every(isFresh)) draft.state = { ...draft.state, settled: settled.filter(isFresh) };
  if (!unsure.every(isFresh)) draft.state = { ...draft.state, unsure: unsure.filter(isFresh) };
}

function passStage(draft: CallDraft): void {
  const { stage, outage } = draft.state;
  if (stage.phase === "incoming") return endRing(draft, stage.ring, "missed");
  if (!("session" in stage)) return;
  const isServerLost = outage !== null && outage.backAt === null;
  const { session } = stage;
  if (stage.phase !== "outgoing") return endSession(draft, isServerLost ? "server_lost" : "failed");
  // Nobody came. In a room one stays, and others may still join.
  if (session.isDirect) endSession(draft, isServerLost ? "server_lost" : "missed");
  else changeSession(draft, { rings: new Map() });
}

/** The first ring that waits becomes loud when there is nothing else. */
function promoteRing(draft: CallDraft): void {
  const { stage, waiting } = draft.state;
  const [ring] = waiting;
  if (ring === undefined || stage.phase === "incoming" || "session" in stage) return;
  draft.state = { ...draft.state, waiting: waiting.slice(1) };
  setStage(draft, { phase: "incoming", ring });
}

/** Tells the caller that it rings here. */
function tellRinging(draft: CallDraft, before: PendingRing | null): void {
  const ring = loudRing(draft.state);
  if (ring === null || (ring.callId === before?.callId && ring.until === before.until)) return;
  send(draft, { type: "rang", callId: ring.callId }, ring.roomId);
}

/** Tells the others what this device sends, one change at a time. */
function tellMedia(draft: CallDraft): void {
  const { state: { pending }, nowMs } = draft;
  const session = sessionOf(draft.state);
  if (session === null || session.own === null || session.callId === null) return;
  const { callId, roomId, want, told, toldRevision, tellAt } = session;
  // After a failure it is not known what the server has taken, so it is told again in any case.
  if (tellAt === null ? isSameMedia(want, told) : tellAt > nowMs) return;
  if (pending.some(({ request }) => request.type === "media" && request.callId === callId)) return;
  changeSession(draft, { tellAt: null });
  const revision = Math.max(toldRevision, session.call?.revision ?? 0);
  send(draft, { type: "media", callId, media: want, revision }, roomId);
}

function isSameMedia(a: ToldMedia, b: ToldMedia): boolean {
  return a.mic === b.mic && a.cam === b.cam && a.screen === b.screen && a.screenAudio === b.screenAudio &&
    a.hand === b.hand;
}
