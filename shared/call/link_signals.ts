import {
  ask,
  change,
  enter,
  goDown,
  makeOffer,
  offerNextEpoch,
  sendMessage,
  stall,
  startEpoch,
} from "./link_draft.ts";
import type { LinkDraft } from "./link_draft.ts";
import { CANDIDATES_MAX_COUNT } from "./link_message.ts";
import type { LinkMessage } from "./link_message.ts";
import { ALLOWANCE_MAX_COUNT, ALLOWANCE_MS, ASK_MS, CANDIDATE_BATCH_MS } from "./link_state.ts";
import type { LinkState } from "./link_state.ts";
import type { LinkSignal } from "./signal_inbox.ts";

type MessageOf<Kind extends LinkMessage["kind"]> = Extract<LinkMessage, { kind: Kind }>;

/** Candidates of a peer that wait for the description to which they belong. */
const HELD_CANDIDATES_MAX_COUNT = 64;
/** New connections that a peer asks for are made at most this often. */
const START_OVER_MS = 500;

/** Handles a message of the peer, which is in order within its epoch. */
export function handleSignal(draft: LinkDraft, { epoch, message }: LinkSignal): void {
  switch (message.kind) {
    case "offer":
      if (!draft.state.isOfferer) handleOffer(draft, epoch, message);
      return;
    case "answer":
      return handleAnswer(draft, epoch, message);
    case "candidates":
      return handleCandidates(draft, epoch, message);
    case "restart":
      if (draft.state.isOfferer) handleRestart(draft, epoch, message);
      return;
    case "bye":
      if (message.id === draft.state.peerId) goDown(draft);
      return;
  }
}

function handleOffer(
  draft: LinkDraft,
  epoch: number,
  { id, offer, sdp, isRestart }: MessageOf<"offer">,
): void {
  const { state } = draft;
  const isCurrent = epoch === state.epoch && id === state.peerId;
  if (isCurrent) {
    // The offerer waits for the answer to each offer, so another one meanwhile is a copy.
    if (offer <= state.offer || state.negotiation !== "idle") return;
    if (state.phase !== "down") enter(draft, "restarting");
    return takeOffer(draft, offer, sdp);
  }
  // An offer of this run from an earlier epoch is late. Another run has started over, without knowing the epoch.
  if (epoch <= state.epoch) {
    if (id !== state.peerId && state.peerId !== null) ask(draft, true);
    return;
  }
  // A connection that this side does not have cannot be restarted.
  if (isRestart) return askAbove(draft, epoch);
  // An offer that is not answered is followed by another one when its peer has waited.
  if (!spendAllowance(draft)) return;
  if (state.phase === "new") enter(draft, "connecting");
  else if (state.phase !== "down") enter(draft, "rebuilding");
  startEpoch(draft, epoch);
  change(draft, { peerId: id });
  takeOffer(draft, offer, sdp);
}

function takeOffer(draft: LinkDraft, offer: number, sdp: string): void {
  change(draft, { offer, negotiation: "taking", negotiatingSince: draft.nowMs, isRemoteSet: false });
  draft.effects.push({ type: "take_offer", epoch: draft.state.epoch, sdp });
}

/** Asks for a new connection in an epoch that only the peer has. */
function askAbove(draft: LinkDraft, epoch: number): void {
  const { id, phase } = draft.state;
  if (phase !== "new" && phase !== "down") enter(draft, "rebuilding");
  change(draft, { epoch, peerId: null, nextSeq: 0, offer: 0, negotiation: "idle" });
  sendMessage(draft, { kind: "restart", id, offer: 0, isRebuild: true });
}

function handleAnswer(draft: LinkDraft, epoch: number, { id, to, offer, sdp }: MessageOf<"answer">): void {
  const { state } = draft;
  if (to !== state.id) return;
  if (epoch !== state.epoch || offer !== state.offer || state.negotiation !== "offered") return;
  // A restart that another run answers has found no connection there.
  if (state.peerId !== null && state.peerId !== id) return;
  change(draft, { peerId: id, negotiation: "taking", negotiatingSince: draft.nowMs, isRemoteSet: false });
  draft.effects.push({ type: "take_answer", epoch, sdp });
}

function handleCandidates(
  draft: LinkDraft,
  epoch: number,
  { id, candidates }: MessageOf<"candidates">,
): void {
  const { state } = draft;
  if (epoch !== state.epoch || id !== state.peerId) return;
  if (state.isRemoteSet) {
    draft.effects.push({ type: "add_candidates", epoch, candidates });
  } else {
    change(draft, {
      heldCandidates: [...state.heldCandidates, ...candidates].slice(0, HELD_CANDIDATES_MAX_COUNT),
    });
  }
}

function handleRestart(
  draft: LinkDraft,
  epoch: number,
  { id, offer, isRebuild }: MessageOf<"restart">,
): void {
  const { state, nowMs } = draft;
  change(draft, { floor: Math.max(state.floor, epoch) });
  // The peer knows epochs that this side has forgotten, as after a reload.
  if (epoch > state.epoch) return startOver(draft);
  if (state.peerId === null) {
    // Nobody has answered yet: either the offer is still on its way, or it is lost, or the peer could not take it.
    const isOverdue = state.negotiation === "offered" && nowMs - state.negotiatingSince >= ASK_MS;
    const isSeen = epoch === state.epoch && offer >= state.offer;
    if (isOverdue || isSeen) startOver(draft);
    return;
  }
  // The peer has started over, as after a reload.
  if (id !== state.peerId) return startOver(draft);
  // An offer that the peer had not seen when it asked is what it asks for.
  if (epoch < state.epoch || offer < state.offer) return;
  if (isRebuild) return startOver(draft);
  if (state.negotiation !== "idle") return change(draft, { isRestartDue: true });
  if (state.phase === "up" || state.phase === "stalled") stall(draft, "asked");
  else if (state.phase === "down") startOver(draft);
}

/** Makes a new connection because the peer needs one. */
export function startOver(draft: LinkDraft): void {
  const { phase, since } = draft.state;
  const dueAt = since + START_OVER_MS;
  if (phase !== "down" && phase !== "stalled" && dueAt > draft.nowMs) {
    return change(draft, { retryAt: dueAt });
  }
  if (!spendAllowance(draft)) {
    // Otherwise it has another date, or asks again.
    if (phase !== "down" && phase !== "stalled") change(draft, { retryAt: draft.nowMs + ALLOWANCE_MS });
    return;
  }
  if (draft.state.phase !== "down") enter(draft, "rebuilding");
  draft.effects.push({ type: "renew" });
  offerNextEpoch(draft);
}

/** Whether the peer may cause another connection now: each costs this device much, and a signal costs nothing. */
function spendAllowance(draft: LinkDraft): boolean {
  const { state: { allowance, countedAt }, nowMs } = draft;
  const now = Math.min(ALLOWANCE_MAX_COUNT, allowance + (nowMs - countedAt) / ALLOWANCE_MS);
  const isAllowed = now >= 1;
  change(draft, { allowance: isAllowed ? now - 1 : now, countedAt: nowMs });
  return isAllowed;
}

/** The browser has set the local description. */
export function described(draft: LinkDraft, sdp: string): void {
  const { id, peerId, offer, isOfferer, negotiation, ownCandidates } = draft.state;
  if (negotiation !== (isOfferer ? "describing" : "taking")) return;
  if (isOfferer) {
    sendMessage(draft, { kind: "offer", id, offer, sdp, isRestart: offer > 1 });
    change(draft, { negotiation: "offered", negotiatingSince: draft.nowMs });
  } else if (peerId !== null) {
    sendMessage(draft, { kind: "answer", id, to: peerId, offer, sdp });
    change(draft, { negotiation: "idle" });
  }
  if (ownCandidates.length > 0) change(draft, { sendCandidatesAt: draft.nowMs + CANDIDATE_BATCH_MS });
}

/** The browser has set the remote description, so the candidates that belong to it can be added. */
export function remoteSet(draft: LinkDraft): void {
  const { epoch, isOfferer, negotiation, heldCandidates, isRestartDue } = draft.state;
  if (negotiation !== "taking") return;
  change(draft, { isRemoteSet: true, heldCandidates: [] });
  if (heldCandidates.length > 0) {
    draft.effects.push({ type: "add_candidates", epoch, candidates: heldCandidates });
  }
  if (!isOfferer) return;
  change(draft, { negotiation: "idle" });
  if (isRestartDue) makeOffer(draft);
}

/** Whether own candidates wait for the description to which they belong. */
export function isHoldingCandidates({ isOfferer, negotiation }: LinkState): boolean {
  return negotiation === (isOfferer ? "describing" : "taking");
}

/** Sends the candidates that have gathered. */
export function flushCandidates(draft: LinkDraft): void {
  const { id, ownCandidates } = draft.state;
  change(draft, { ownCandidates: [], sendCandidatesAt: null });
  for (let start = 0; start < ownCandidates.length; start += CANDIDATES_MAX_COUNT) {
    const candidates = ownCandidates.slice(start, start + CANDIDATES_MAX_COUNT);
    sendMessage(draft, { kind: "candidates", id, candidates });
  }
}
