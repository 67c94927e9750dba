import type { ParticipantId } from "../ids.ts";
import type { LinkEnd } from "./call_outputs.ts";
import type { IncomingSignal } from "./call_types.ts";
import { encodeMessage, parseMessage } from "./link_message.ts";
import { EPOCHS_PER_SEQ, isOwnEpoch } from "./link_state.ts";
import type { LinkEffect, LinkEvent, LinkState } from "./link_state.ts";
import { closeLink, linkDeadline, openLink, reduceLink } from "./reduce_link.ts";
import type { LinkStep } from "./reduce_link.ts";

/** A link of the mesh. */
export interface MeshLink {
  readonly seq: number;
  readonly link: LinkState;
}

/** A signal of a participant of whom the call's state does not tell yet. */
interface EarlySignal {
  readonly signal: IncomingSignal;
  readonly dropAt: number;
}

/** The links of this device to the other participants. */
export interface MeshState {
  readonly own: LinkEnd | null;
  readonly links: ReadonlyMap<ParticipantId, MeshLink>;
  /** The last epochs of links that were closed: after a handover to an SFU, the same two may need one again. */
  readonly closed: ReadonlyMap<ParticipantId, number>;
  readonly early: readonly EarlySignal[];
}

/** A device without links. */
export const NO_LINKS: MeshState = { own: null, links: new Map(), closed: new Map(), early: [] };

/** What happens to the mesh. */
export type MeshEvent =
  /** The effect `links` of `reduceCall`. */
  | { readonly type: "links"; readonly own: LinkEnd | null; readonly peers: readonly LinkEnd[] }
  | { readonly type: "signal"; readonly signal: IncomingSignal }
  /** Something happened to a link; `seq` is that of the peer. */
  | {
    readonly type: "link";
    readonly participantId: ParticipantId;
    readonly seq: number;
    readonly event: Exclude<LinkEvent, { type: "signal" | "tick" | "network_changed" }>;
  }
  /** For all links. */
  | { readonly type: "network_changed" | "tick" };

/** What the device does. `seq` is that of the peer. */
export type MeshEffect =
  | {
    readonly type: "link";
    readonly participantId: ParticipantId;
    readonly seq: number;
    readonly effect: Exclude<LinkEffect, { type: "wake" | "send" }>;
  }
  | {
    readonly type: "signal";
    readonly to: ParticipantId;
    readonly epoch: number;
    readonly seq: number;
    readonly kind: IncomingSignal["kind"];
    readonly payload: string;
  }
  /** The event `link` for `reduceCall`. */
  | {
    readonly type: "changed";
    readonly participantId: ParticipantId;
    readonly seq: number;
    readonly isUp: boolean;
  }
  | { readonly type: "wake"; readonly at: number | null };

/** The clock, and where ids of links come from. */
export interface MeshOptions {
  readonly nowMs: number;
  readonly newId: () => string;
  /** The floor of the epochs of a link after a reload; see `LinkOptions`. */
  readonly floorOf?: (participantId: ParticipantId) => number;
}

/** A state of the mesh, and what to do to get there. */
export interface MeshStep {
  readonly state: MeshState;
  readonly effects: readonly MeshEffect[];
}

interface MeshDraft extends MeshOptions {
  state: MeshState;
  readonly effects: MeshEffect[];
}

/** A signal waits this long for the update that names its sender. */
const EARLY_MS = 5_000;
/** Of each sender, so that nobody pushes out what others have sent. The server names no more than a call has. */
const EARLY_MAX_COUNT = 32;
/** Participants come and go; only those who stay can need another link. */
const CLOSED_MAX_COUNT = 128;

/** Applies an event to the links of this device. */
export function reduceMesh(before: MeshState, event: MeshEvent, options: MeshOptions): MeshStep {
  const draft: MeshDraft = { ...options, state: before, effects: [] };
  switch (event.type) {
    case "links":
      setLinks(draft, event);
      break;
    case "signal":
      takeSignal(draft, event.signal);
      break;
    case "link": {
      const found = before.links.get(event.participantId);
      if (found !== undefined && found.seq === event.seq) applyLink(draft, event.participantId, event.event);
      break;
    }
    case "network_changed":
    case "tick":
      for (const participantId of before.links.keys()) applyLink(draft, participantId, event);
  }
  const { state, effects } = draft;
  const at = meshDeadline(state);
  // Browsers fire timers up to a millisecond early, so a tick sets the next alarm in any case.
  const isSet = event.type !== "tick" && at === meshDeadline(before);
  return { state, effects: isSet ? effects : [...effects, { type: "wake", at }] };
}

/** When something happens by itself; null if nothing does. */
export function meshDeadline({ links }: MeshState): number | null {
  const at = Math.min(...[...links.values()].map(({ link }) => linkDeadline(link) ?? Infinity));
  return at === Infinity ? null : at;
}

function setLinks(draft: MeshDraft, { own, peers }: Extract<MeshEvent, { type: "links" }>): void {
  const { state: before, nowMs, newId, floorOf = () => 0 } = draft;
  const isSameOwn = own?.participantId === before.own?.participantId && own?.seq === before.own?.seq;
  for (const [participantId, { seq, link }] of before.links) {
    const isKept = isSameOwn &&
      peers.some((peer) => peer.participantId === participantId && peer.seq === seq);
    if (!isKept) removeLink(draft, participantId, { seq, link });
  }
  draft.state = { ...draft.state, own };
  if (own === null) {
    draft.state = { ...draft.state, early: [] };
    return;
  }
  for (const { participantId, seq } of peers) {
    if (draft.state.links.has(participantId)) continue;
    const floor = Math.max(floorOf(participantId), (draft.state.closed.get(participantId) ?? 0) + 1);
    const options = { id: newId(), ownSeq: own.seq, peerSeq: seq, floor };
    keepStep(draft, { participantId, seq }, openLink(options, nowMs));
  }
  const { early } = draft.state;
  draft.state = { ...draft.state, early: [] };
  for (const { signal, dropAt } of early) if (dropAt > nowMs) takeSignal(draft, signal, dropAt);
}

function removeLink(draft: MeshDraft, participantId: ParticipantId, { seq, link }: MeshLink): void {
  const links = new Map(draft.state.links);
  links.delete(participantId);
  const others = [...draft.state.closed].filter(([id]) => id !== participantId);
  const closed = new Map([...others.slice(1 - CLOSED_MAX_COUNT), [participantId, link.epoch] as const]);
  draft.state = { ...draft.state, links, closed };
  pushEffects(draft, { participantId, seq }, closeLink(link));
  if (link.phase === "up") draft.effects.push({ type: "changed", participantId, seq, isUp: false });
}

function takeSignal(draft: MeshDraft, signal: IncomingSignal, dropAt = draft.nowMs + EARLY_MS): void {
  const { state } = draft;
  const { from, epoch, seq, kind, payload } = signal;
  const found = state.links.get(from);
  if (found !== undefined && isOwnEpoch(found.link, epoch)) {
    const message = parseMessage(kind, payload);
    if (message !== null) applyLink(draft, from, { type: "signal", epoch, seq, message });
    return;
  }
  // Older epochs are over. A newer one belongs to a participation of which this device will hear.
  const isOver = found !== undefined && epoch < found.link.baseEpoch + EPOCHS_PER_SEQ;
  if (isOver || state.own === null) return;
  const early = state.early.filter((one) => one.dropAt > draft.nowMs);
  if (early.filter((one) => one.signal.from === from).length < EARLY_MAX_COUNT) {
    draft.state = { ...state, early: [...early, { signal, dropAt }] };
  }
}

function applyLink(draft: MeshDraft, participantId: ParticipantId, event: LinkEvent): void {
  const found = draft.state.links.get(participantId);
  if (found === undefined) return;
  const { seq, link } = found;
  keepStep(draft, { participantId, seq }, reduceLink(link, event, draft.nowMs), link);
}

function keepStep(draft: MeshDraft, end: LinkEnd, step: LinkStep, before: LinkState | null = null): void {
  const { participantId, seq } = end;
  const links = new Map(draft.state.links);
  links.set(participantId, { seq, link: step.state });
  draft.state = { ...draft.state, links };
  pushEffects(draft, end, step.effects);
  const isUp = step.state.phase === "up";
  if (isUp !== (before?.phase === "up")) draft.effects.push({ type: "changed", participantId, seq, isUp });
}

function pushEffects(
  draft: MeshDraft,
  { participantId, seq }: LinkEnd,
  effects: readonly LinkEffect[],
): void {
  for (const effect of effects) {
    // The mesh has one alarm for all links.
    if (effect.type === "wake") continue;
    if (effect.type !== "send") {
      draft.effects.push({ type: "link", participantId, seq, effect });
      continue;
    }
    const { epoch, message } = effect;
    const payload = encodeMessage(message);
    draft.effects.push({
      type: "signal",
      to: participantId,
      epoch,
      seq: effect.seq,
      kind: message.kind,
      payload,
    });
  }
}
