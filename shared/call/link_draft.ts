import type { LinkMessage } from "./link_message.ts";
import { ASK_MS, DOWN_RETRY_MS, isOwnEpoch, newEpoch, REBUILDS_MAX_COUNT, RENEW_MS } from "./link_state.ts";
import type { LinkEffect, LinkPhase, LinkState } from "./link_state.ts";
import { resumeWatch } from "./media_watch.ts";

/** The work of one event: the state so far, and what to do. */
export interface LinkDraft {
  state: LinkState;
  readonly effects: LinkEffect[];
  readonly nowMs: number;
}

/** Changes the state. */
export function change(draft: LinkDraft, changes: Partial<LinkState>): void {
  draft.state = { ...draft.state, ...changes };
}

/** Goes to a phase, which begins now unless it was this one already. */
export function enter(draft: LinkDraft, phase: LinkPhase): void {
  if (draft.state.phase !== phase) change(draft, { phase, since: draft.nowMs, retryAt: null, cause: null });
}

/** Sends a message in the current epoch. */
export function sendMessage(draft: LinkDraft, message: LinkMessage): void {
  const { epoch, nextSeq: seq } = draft.state;
  change(draft, { nextSeq: seq + 1 });
  draft.effects.push({ type: "send", epoch, seq, message });
}

/** Goes to an epoch, in which nothing has happened yet. */
export function startEpoch(draft: LinkDraft, epoch: number): void {
  const { state: { isOfferer, watch }, nowMs } = draft;
  change(draft, {
    since: nowMs,
    epoch,
    ...newEpoch(nowMs),
    watch: resumeWatch(watch, nowMs),
  });
  draft.effects.push({ type: "create", epoch, isOfferer });
}

/** Makes the next offer of the epoch. */
export function makeOffer(draft: LinkDraft): void {
  const { state: { epoch, offer }, nowMs } = draft;
  change(draft, {
    negotiation: "describing",
    negotiatingSince: nowMs,
    offer: offer + 1,
    isRestartDue: false,
  });
  draft.effects.push({ type: "describe", epoch, isRestart: offer > 0 });
}

/** Begins a new epoch with an offer, above all that either side has used; only the offerer does. */
export function offerNextEpoch(draft: LinkDraft): void {
  const epoch = Math.max(draft.state.epoch, draft.state.floor) + 1;
  // Thousands of rebuilds in one call: whoever still wants to talk joins again.
  if (!isOwnEpoch(draft.state, epoch)) return;
  startEpoch(draft, epoch);
  makeOffer(draft);
}

/** Asks the offerer for an offer, or for a new connection. */
export function ask(draft: LinkDraft, isRebuild: boolean): void {
  const { id, offer } = draft.state;
  sendMessage(draft, { kind: "restart", id, offer, isRebuild });
}

/** The path is silent, or the peer asks for a restart: first the credentials of relays are renewed. */
export function stall(draft: LinkDraft, cause: "silence" | "asked"): void {
  enter(draft, "stalled");
  draft.effects.push({ type: "renew" });
  change(draft, { cause });
  if (draft.state.isOfferer) change(draft, { retryAt: draft.nowMs + RENEW_MS });
  else ask(draft, false);
}

/** Restarts ICE, at once or when the negotiation that is under way has ended. */
export function restart(draft: LinkDraft): void {
  enter(draft, "restarting");
  if (draft.state.negotiation === "idle") makeOffer(draft);
  else change(draft, { isRestartDue: true });
}

/** Replaces the connection, at most twice; then the link is down for a while. */
export function rebuild(draft: LinkDraft): void {
  const { isOfferer, rebuilds, phase } = draft.state;
  if (phase === "down") return;
  if (rebuilds >= REBUILDS_MAX_COUNT) return goDown(draft);
  enter(draft, "rebuilding");
  change(draft, { rebuilds: rebuilds + 1, since: draft.nowMs, retryAt: null });
  tryAgain(draft, isOfferer);
}

/** Tries a new connection: offers it, or asks for it. */
export function tryAgain(draft: LinkDraft, isOfferer: boolean): void {
  draft.effects.push({ type: "renew" });
  if (isOfferer) return offerNextEpoch(draft);
  change(draft, { negotiation: "idle" });
  ask(draft, true);
}

/** Gives up for a while. */
export function goDown(draft: LinkDraft): void {
  enter(draft, "down");
  change(draft, { retryAt: draft.nowMs + DOWN_RETRY_MS });
}

/** The path works. */
export function goUp(draft: LinkDraft): void {
  const { state: { watch }, nowMs } = draft;
  enter(draft, "up");
  change(draft, { rebuilds: 0, heardAt: nowMs, watch: resumeWatch(watch, nowMs) });
}

/** Waits for the first offer, and asks for it after a while. */
export function awaitOffer(draft: LinkDraft): void {
  change(draft, { retryAt: draft.nowMs + ASK_MS });
}
