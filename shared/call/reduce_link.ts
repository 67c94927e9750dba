import {
  ask,
  awaitOffer,
  change,
  enter,
  goDown,
  goUp,
  offerNextEpoch,
  rebuild,
  restart,
  stall,
  tryAgain,
} from "./link_draft.ts";
import type { LinkDraft } from "./link_draft.ts";
import {
  described,
  flushCandidates,
  handleSignal,
  isHoldingCandidates,
  remoteSet,
  startOver,
} from "./link_signals.ts";
import {
  ANSWER_MS,
  ASK_MS,
  CANDIDATE_BATCH_MS,
  DOWN_RETRY_MS,
  HIDDEN_SILENCE_MS,
  isOwnEpoch,
  newLink,
  OVERSLEPT_MS,
  PHASE_MS,
  SILENCE_MS,
} from "./link_state.ts";
import type { LinkEffect, LinkEvent, LinkOptions, LinkState } from "./link_state.ts";
import { countRepair, neededRepair, repairDeadline, resumeWatch, watchMedia } from "./media_watch.ts";
import { receive, skipGap } from "./signal_inbox.ts";
import type { Received } from "./signal_inbox.ts";

/** A state of a link, and what to do to get there. */
export interface LinkStep {
  readonly state: LinkState;
  readonly effects: readonly LinkEffect[];
}

type EventOf<Type extends LinkEvent["type"]> = Extract<LinkEvent, { type: Type }>;

/** Opens a link: the offerer offers at once, the other waits. */
export function openLink(options: LinkOptions, nowMs: number): LinkStep {
  const state = newLink(options, nowMs);
  const draft: LinkDraft = { state, effects: [], nowMs };
  if (state.isOfferer) {
    enter(draft, "connecting");
    offerNextEpoch(draft);
  } else {
    awaitOffer(draft);
    // Whoever comes back is not expected, so no offer is on its way.
    if (state.epoch > state.baseEpoch) change(draft, { retryAt: nowMs });
  }
  return finish(draft, null);
}

/** Closes a link: the peer is told, so that it does not try to repair it. */
export function closeLink({ epoch, nextSeq: seq, id }: LinkState): LinkEffect[] {
  return [{ type: "send", epoch, seq, message: { kind: "bye", id } }, { type: "close", epoch }];
}

/** Applies an event to one side of a link. `nowMs` is any clock that does not run backwards. */
export function reduceLink(before: LinkState, event: LinkEvent, nowMs: number): LinkStep {
  const draft: LinkDraft = { state: before, effects: [], nowMs };
  applyEvent(draft, event);
  passDeadlines(draft);
  // Browsers fire timers up to a millisecond early, so a tick sets the next alarm in any case.
  return finish(draft, event.type === "tick" ? undefined : linkDeadline(before));
}

function finish({ state, effects }: LinkDraft, wakeBefore: number | null | undefined): LinkStep {
  const at = linkDeadline(state);
  return { state, effects: at === wakeBefore ? effects : [...effects, { type: "wake", at }] };
}

function applyEvent(draft: LinkDraft, event: LinkEvent): void {
  if (isOfOtherConnection(draft.state, event)) return;
  switch (event.type) {
    case "signal":
      return signalArrived(draft, event);
    case "described":
      return described(draft, event.sdp);
    case "remote_set":
      return remoteSet(draft);
    case "candidate":
      return candidateFound(draft, event);
    case "connected":
      return pathWorks(draft);
    case "failed":
      return rebuild(draft);
    case "beat":
      return heard(draft, event);
    case "silent":
      if (draft.state.phase === "up") stall(draft, "silence");
      return;
    case "renewed":
      if (draft.state.phase === "stalled" && draft.state.isOfferer) restart(draft);
      return;
    case "network_changed":
      return networkChanged(draft);
    case "media":
      change(draft, { watch: watchMedia(draft.state.watch, event, draft.nowMs) });
      return;
    case "tick":
      return;
  }
}

/** Without an offer in this epoch there is no connection yet. */
function isOfOtherConnection({ epoch, offer }: LinkState, event: LinkEvent): boolean {
  return "epoch" in event && event.type !== "signal" && (event.epoch !== epoch || offer === 0);
}

function signalArrived(draft: LinkDraft, { epoch, seq, message }: EventOf<"signal">): void {
  if (!isOwnEpoch(draft.state, epoch)) return;
  handleReceived(draft, receive(draft.state.inbox, { epoch, seq, message }, draft.nowMs));
}

function handleReceived(draft: LinkDraft, { inbox, ready }: Received): void {
  change(draft, { inbox });
  for (const signal of ready) handleSignal(draft, signal);
}

function candidateFound(draft: LinkDraft, { candidate }: EventOf<"candidate">): void {
  const { ownCandidates, sendCandidatesAt } = draft.state;
  change(draft, {
    ownCandidates: [...ownCandidates, candidate],
    sendCandidatesAt: sendCandidatesAt ?? draft.nowMs + CANDIDATE_BATCH_MS,
  });
}

function heard(draft: LinkDraft, { isHidden: isPeerHidden, at = draft.nowMs }: EventOf<"beat">): void {
  const { phase, since, heardAt } = draft.state;
  change(draft, { heardAt: Math.max(heardAt, Math.min(at, draft.nowMs)), isPeerHidden });
  // What came before a path was given up does not show that it works again.
  if (phase === "up" || at >= since) pathWorks(draft);
}

function pathWorks(draft: LinkDraft): void {
  const { phase, cause } = draft.state;
  // A peer that asks for a restart hears nothing, whatever this side hears.
  if (phase !== "up" && !(phase === "stalled" && cause === "asked")) goUp(draft);
}

/** A restart of a path that works costs little, and waiting for its silence would cost more. */
function networkChanged(draft: LinkDraft): void {
  const { phase } = draft.state;
  if (phase === "up") stall(draft, "asked");
  else if (phase === "down") change(draft, { retryAt: draft.nowMs });
}

function silenceDeadline({ heardAt, isPeerHidden }: LinkState): number {
  return heardAt + (isPeerHidden ? HIDDEN_SILENCE_MS : SILENCE_MS);
}

function negotiationDeadline({ negotiation, negotiatingSince }: LinkState): number {
  return negotiation === "idle" ? Infinity : negotiatingSince + ANSWER_MS;
}

function phaseDeadline({ phase, since }: LinkState): number {
  const ms = PHASE_MS[phase];
  return ms === null ? Infinity : since + ms;
}

/** When something happens by itself; null if nothing does. */
export function linkDeadline(state: LinkState): number | null {
  const { phase, retryAt, sendCandidatesAt, inbox, watch } = state;
  const at = Math.min(
    phaseDeadline(state),
    negotiationDeadline(state),
    retryAt ?? Infinity,
    isHoldingCandidates(state) ? Infinity : sendCandidatesAt ?? Infinity,
    inbox.skipAt ?? Infinity,
    phase === "up" ? Math.min(silenceDeadline(state), repairDeadline(watch)) : Infinity,
  );
  return at === Infinity ? null : at;
}

function passDeadlines(draft: LinkDraft): void {
  const { nowMs } = draft;
  handleReceived(draft, skipGap(draft.state.inbox, nowMs));
  const { sendCandidatesAt } = draft.state;
  const isBatchDue = sendCandidatesAt !== null && sendCandidatesAt <= nowMs;
  if (isBatchDue && !isHoldingCandidates(draft.state)) flushCandidates(draft);
  if (negotiationDeadline(draft.state) <= nowMs) {
    change(draft, { negotiation: "idle" });
    rebuild(draft);
  }
  if (draft.state.phase === "up") checkPath(draft);
  else if (phaseDeadline(draft.state) <= nowMs) passPhase(draft);
  const { retryAt } = draft.state;
  if (retryAt !== null && retryAt <= nowMs) retry(draft);
}

function checkPath(draft: LinkDraft): void {
  const { state, nowMs } = draft;
  const lateMs = nowMs - silenceDeadline(state);
  if (lateMs >= 0) {
    if (lateMs <= OVERSLEPT_MS) return stall(draft, "silence");
    // This device slept and has heard nobody; the beats of those who are there come now.
    change(draft, { heardAt: nowMs, watch: resumeWatch(state.watch, nowMs) });
  }
  const repair = neededRepair(draft.state.watch, nowMs);
  if (repair === null) return;
  change(draft, { watch: countRepair(draft.state.watch, nowMs) });
  if (repair === "rebuild") rebuild(draft);
  else stall(draft, "asked");
}

function passPhase(draft: LinkDraft): void {
  if (draft.state.phase === "new") goDown(draft);
  else rebuild(draft);
}

function retry(draft: LinkDraft): void {
  const { state, nowMs } = draft;
  switch (state.phase) {
    case "new":
      ask(draft, false);
      return change(draft, { retryAt: nowMs + ASK_MS });
    case "stalled":
      // The credentials do not come, so the old ones have to do.
      return restart(draft);
    case "down":
      change(draft, { retryAt: nowMs + DOWN_RETRY_MS });
      return tryAgain(draft, state.isOfferer);
    default:
      // A new connection that the peer asked for too soon.
      change(draft, { retryAt: null });
      return startOver(draft);
  }
}
