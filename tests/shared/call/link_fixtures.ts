import type { LinkMessage } from "../../../shared/call/link_message.ts";
import { EPOCHS_PER_SEQ } from "../../../shared/call/link_state.ts";
import type { LinkEvent, LinkPhase, LinkState } from "../../../shared/call/link_state.ts";
import { openLink, reduceLink } from "../../../shared/call/reduce_link.ts";
import type { LinkStep } from "../../../shared/call/reduce_link.ts";

export const BASE = 2 * EPOCHS_PER_SEQ;
export const FIRST = BASE + 1;
export const PHASES: readonly LinkPhase[] = [
  "new",
  "connecting",
  "up",
  "stalled",
  "restarting",
  "rebuilding",
  "down",
];
/** One side of a link. */
export type Side = "offerer" | "answerer";

export function open(side: Side): LinkStep {
  return openLink({ id: "me", ownSeq: side === "offerer" ? 2 : 1, peerSeq: side === "offerer" ? 1 : 2 }, 0);
}

export function reduceAll(state: LinkState, events: readonly LinkEvent[], nowMs = 0): LinkState {
  return events.reduce((current, event) => reduceLink(current, event, nowMs).state, state);
}

export function signal(message: LinkMessage, { epoch = FIRST, seq = 0 } = {}): LinkEvent {
  return { type: "signal", epoch, seq, message };
}

export const offer = (number: number, id = "peer"): LinkMessage => {
  return { kind: "offer", id, offer: number, sdp: `offer ${number}`, isRestart: number > 1 };
};
export const answer = (number: number, id = "peer"): LinkMessage => {
  return { kind: "answer", id, to: "me", offer: number, sdp: `answer ${number}` };
};
export const ask = (isRebuild: boolean, { id = "peer", number = 1 } = {}): LinkMessage => {
  return { kind: "restart", id, offer: number, isRebuild };
};
export const described = (epoch = FIRST): LinkEvent => ({ type: "described", epoch, sdp: "own" });
export const remoteSet = (epoch = FIRST): LinkEvent => ({ type: "remote_set", epoch });
export const beat: Extract<LinkEvent, { type: "beat" }> = { type: "beat", epoch: FIRST, isHidden: false };
export const candidate = { candidate: "c", sdpMid: "0", sdpMLineIndex: 0, usernameFragment: null };

const NEGOTIATED: Readonly<Record<Side, readonly LinkEvent[]>> = {
  offerer: [described(), signal(answer(1)), remoteSet()],
  answerer: [signal(offer(1)), remoteSet(), described()],
};

/** A link in a phase, at time 0; null if this side is never in it. */
export function linkIn(side: Side, phase: LinkPhase): LinkState | null {
  const fresh = open(side).state;
  if (phase === "new") return side === "offerer" ? null : fresh;
  const connecting = reduceAll(fresh, NEGOTIATED[side]);
  if (phase === "connecting") return connecting;
  const up = reduceAll(connecting, [beat]);
  if (phase === "up") return up;
  const stalled = reduceLink({ ...up, heardAt: -1_500 }, { type: "tick" }, 0).state;
  if (phase === "stalled") return stalled;
  if (phase === "restarting") {
    const next = side === "offerer" ? { type: "renewed" } as const : signal(offer(2), { seq: 1 });
    return reduceAll(stalled, [next]);
  }
  const rebuilding = reduceAll(up, [{ type: "failed", epoch: FIRST }]);
  return phase === "rebuilding"
    ? rebuilding
    : { ...reduceAll(rebuilding, []), phase: "down", retryAt: 10_000 };
}
