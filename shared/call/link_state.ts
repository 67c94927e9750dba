import type { Media } from "./call_types.ts";
import { EMPTY_INBOX } from "./signal_inbox.ts";
import type { SignalInbox } from "./signal_inbox.ts";
import type { Candidate, LinkMessage } from "./link_message.ts";
import { UNWATCHED } from "./media_watch.ts";
import type { MediaWatch, PacketCounts } from "./media_watch.ts";

/*
 * The link to one peer, as one side sees it. The peer who joined later always offers; the other asks for an offer
 * by `restart`. Nobody ever rolls back. A new epoch is a new RTCPeerConnection on both sides; what belongs to an
 * earlier one is dropped. `reduceLink` moves between these phases:
 *
 * | phase      | meaning                                      | ends                                                 |
 * | ---------- | -------------------------------------------- | ---------------------------------------------------- |
 * | new        | no connection yet; waits for an offer        | an offer: connecting; asks each 2 s; 15 s: down      |
 * | connecting | the first connection is negotiated           | connected: up; 8 s: rebuilding                       |
 * | up         | beats arrive                                 | silence, or the peer asks: stalled                   |
 * | stalled    | renews the credentials, or asks for an offer | a beat: up; renewed or an offer: restarting; 4 s:    |
 * |            |                                              | the offerer restarts, the other asks to rebuild      |
 * | restarting | ICE is restarted                             | a beat: up; 4 s: rebuilding                          |
 * | rebuilding | a new connection is negotiated               | connected: up; 8 s: once more; then down             |
 * | down       | given up for now                             | connected: up; tries again each 10 s                 |
 *
 * An offer without an answer for 6 s, and a step of the browser that fails, lead to the next epoch in every phase.
 * Silence is measured by timestamps, because hidden tabs tick once a second.
 */

/** Where a link is. */
export type LinkPhase = "new" | "connecting" | "up" | "stalled" | "restarting" | "rebuilding" | "down";

/** What one side does with descriptions: it makes an offer, waits for the answer, or takes one of the peer's. */
export type Negotiation = "idle" | "describing" | "offered" | "taking";

/** One side of a link. */
export interface LinkState {
  readonly phase: LinkPhase;
  readonly since: number;
  readonly isOfferer: boolean;
  /** Names this run of this side. */
  readonly id: string;
  /** Names the run of the other side in this epoch; null before it has sent anything. */
  readonly peerId: string | null;
  /** Epochs of these two participants begin here, above all epochs of earlier ones. */
  readonly baseEpoch: number;
  readonly epoch: number;
  /** The highest epoch that the peer has used, as far as it has said: the next one must be above it. */
  readonly floor: number;
  readonly negotiation: Negotiation;
  readonly negotiatingSince: number;
  /** The number of the last offer in this epoch; 0 if there was none. */
  readonly offer: number;
  /** A restart to make when the negotiation has ended. */
  readonly isRestartDue: boolean;
  /** Whether the remote description of the last offer is set; until then, candidates of the peer are held. */
  readonly isRemoteSet: boolean;
  readonly heldCandidates: readonly Candidate[];
  /** Own candidates, sent in batches once the description is sent. */
  readonly ownCandidates: readonly Candidate[];
  readonly sendCandidatesAt: number | null;
  /** The number of the next signal in this epoch. */
  readonly nextSeq: number;
  readonly inbox: SignalInbox;
  readonly heardAt: number;
  readonly isPeerHidden: boolean;
  /** Connections that the peer may still cause, as counted at `countedAt`. */
  readonly allowance: number;
  readonly countedAt: number;
  /** Connections that were rebuilt since the link was up. */
  readonly rebuilds: number;
  /** Why it is stalled; a beat only ends silence. */
  readonly cause: "silence" | "asked" | null;
  /** Asks again, or tries again, at this time. */
  readonly retryAt: number | null;
  readonly watch: MediaWatch;
}

/** What happens to a link. Events of an earlier epoch are ignored. */
export type LinkEvent =
  | { readonly type: "signal"; readonly epoch: number; readonly seq: number; readonly message: LinkMessage }
  /** The local description is set. */
  | { readonly type: "described"; readonly epoch: number; readonly sdp: string }
  /** The remote description is set. */
  | { readonly type: "remote_set"; readonly epoch: number }
  | { readonly type: "candidate"; readonly epoch: number; readonly candidate: Candidate }
  | { readonly type: "connected"; readonly epoch: number }
  /** The connection failed, or a step of it was refused by the browser. */
  | { readonly type: "failed"; readonly epoch: number }
  /** A beat arrived, or a packet, which counters tell later; `at` is when, now if it is missing. */
  | { readonly type: "beat"; readonly epoch: number; readonly isHidden: boolean; readonly at?: number }
  /** The counters show that the path is dead. */
  | { readonly type: "silent"; readonly epoch: number }
  /** The credentials of relays are fresh, or cannot be renewed. */
  | { readonly type: "renewed" }
  /** This device has changed its network, so the path has probably died. */
  | { readonly type: "network_changed" }
  /** What the peer tells that it sends, and how many packets of each have arrived in this epoch. */
  | {
    readonly type: "media";
    readonly epoch: number;
    readonly told: Media;
    readonly packets: PacketCounts;
  }
  | { readonly type: "tick" };

/** What a side of a link does. Each is about the connection of the epoch. */
export type LinkEffect =
  /** Makes a connection in place of the former one. */
  | { readonly type: "create"; readonly epoch: number; readonly isOfferer: boolean }
  | { readonly type: "close"; readonly epoch: number }
  /** Makes an offer and sets it; then `described`. */
  | { readonly type: "describe"; readonly epoch: number; readonly isRestart: boolean }
  /** Sets the offer, then `remote_set`; makes an answer and sets it, then `described`. */
  | { readonly type: "take_offer"; readonly epoch: number; readonly sdp: string }
  /** Sets the answer; then `remote_set`. */
  | { readonly type: "take_answer"; readonly epoch: number; readonly sdp: string }
  | { readonly type: "add_candidates"; readonly epoch: number; readonly candidates: readonly Candidate[] }
  | { readonly type: "send"; readonly epoch: number; readonly seq: number; readonly message: LinkMessage }
  /**
   * Renews the credentials of relays if they end soon, and sets them; then `renewed`. A connection that is made
   * meanwhile waits for them, at most `RENEW_MS`.
   */
  | { readonly type: "renew" }
  | { readonly type: "wake"; readonly at: number | null };

/** A beat is sent this often on data channel 0. */
export const BEAT_MS = 500;
/** Silence after which a path is dead, if its counters have not shown it before; see `path_watch.ts`. */
export const SILENCE_MS = 1_500;
/** The same for a peer in a hidden tab, which ticks once a second. */
export const HIDDEN_SILENCE_MS = 3_000;
/** A tick that comes this late shows that this device slept, so it has heard nothing of anybody. */
export const OVERSLEPT_MS = 1_500;
/** Candidates are gathered for this long, and sent together. */
export const CANDIDATE_BATCH_MS = 50;
/** How long a new link waits before it asks for the first offer, and how often it asks. */
export const ASK_MS = 2_000;
/** An answer is due within this time. */
export const ANSWER_MS = 6_000;
/** How long to wait for fresh credentials before going on with the old ones. */
export const RENEW_MS = 1_500;
/** How many new connections are tried before the link is down. */
export const REBUILDS_MAX_COUNT = 2;
/** How long the phases last that end by themselves. */
export const PHASE_MS: Readonly<Record<LinkPhase, number | null>> = {
  new: 15_000,
  connecting: 8_000,
  up: null,
  stalled: 4_000,
  restarting: 4_000,
  rebuilding: 8_000,
  down: null,
};
/** A link that is down tries again this often. */
export const DOWN_RETRY_MS = 10_000;
/** How many new connections a peer may cause at once. */
export const ALLOWANCE_MAX_COUNT = 8;
/** After that it may cause one in this time. */
export const ALLOWANCE_MS = 4_000;
/** Epochs of one pair of participants; a higher `seq` of either begins above them. */
export const EPOCHS_PER_SEQ = 4_096;

/** What every epoch begins with: nothing has happened in it yet. */
export function newEpoch(nowMs: number) {
  return {
    peerId: null,
    negotiation: "idle",
    negotiatingSince: nowMs,
    offer: 0,
    isRestartDue: false,
    isRemoteSet: false,
    heldCandidates: [],
    ownCandidates: [],
    sendCandidatesAt: null,
    nextSeq: 0,
    heardAt: nowMs,
  } satisfies Partial<LinkState>;
}

/** The state of a link that was just opened. */
export function newLink(options: LinkOptions, nowMs: number): LinkState {
  const { id, ownSeq, peerSeq, floor = 0 } = options;
  const baseEpoch = Math.max(ownSeq, peerSeq) * EPOCHS_PER_SEQ;
  const hasFloor = floor > baseEpoch && floor < baseEpoch + EPOCHS_PER_SEQ;
  const epoch = hasFloor ? floor : baseEpoch;
  return {
    phase: "new",
    since: nowMs,
    isOfferer: ownSeq > peerSeq,
    id,
    baseEpoch,
    epoch,
    floor: epoch,
    ...newEpoch(nowMs),
    inbox: EMPTY_INBOX,
    isPeerHidden: false,
    allowance: ALLOWANCE_MAX_COUNT,
    countedAt: nowMs,
    rebuilds: 0,
    cause: null,
    retryAt: null,
    watch: UNWATCHED,
  };
}

/** Whose link it is. */
export interface LinkOptions {
  /** A fresh id for this run of the link. */
  readonly id: string;
  readonly ownSeq: number;
  readonly peerSeq: number;
  /** Above all epochs that this side used before a reload, since the server drops what it has seen already. */
  readonly floor?: number;
}

/** Whether an epoch can belong to this pair of participants. */
export function isOwnEpoch({ baseEpoch }: LinkState, epoch: number): boolean {
  return Number.isSafeInteger(epoch) && epoch >= baseEpoch && epoch < baseEpoch + EPOCHS_PER_SEQ;
}
