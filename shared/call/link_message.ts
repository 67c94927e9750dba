import { SIGNAL_MAX_BYTES } from "./call_limits.ts";
import type { CallSignalKind } from "./call_types.ts";

/** An ICE candidate, with the fields of `RTCIceCandidateInit`. */
export interface Candidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
}

/**
 * What two peers tell each other. `id` names one run of the sender's side of the link: after a reload it is
 * another one. Offers are numbered within an epoch.
 */
export type LinkMessage =
  | {
    readonly kind: "offer";
    readonly id: string;
    readonly offer: number;
    readonly sdp: string;
    /** Whether it restarts a connection, so that somebody without one cannot answer it. */
    readonly isRestart: boolean;
  }
  /** `to` is the id in the offer, because two runs may have used the same epoch. */
  | {
    readonly kind: "answer";
    readonly id: string;
    readonly to: string;
    readonly offer: number;
    readonly sdp: string;
  }
  | { readonly kind: "candidates"; readonly id: string; readonly candidates: readonly Candidate[] }
  /** Asks the offerer for an offer; `offer` is the last one that the sender has seen in the epoch. */
  | { readonly kind: "restart"; readonly id: string; readonly offer: number; readonly isRebuild: boolean }
  | { readonly kind: "bye"; readonly id: string };

const ID_MAX_CHARACTERS = 32;
/** The candidates of one signal; a device has a few for each of its networks and relays. */
export const CANDIDATES_MAX_COUNT = 32;
const CANDIDATE_MAX_CHARACTERS = 512;

/** Writes a message as printable ASCII. */
export function encodeMessage({ kind: _, ...fields }: LinkMessage): string {
  return JSON.stringify(fields).replace(/[^ -~]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Reads what a peer has sent; null if it is not a message. */
export function parseMessage(kind: CallSignalKind, payload: string): LinkMessage | null {
  if (payload.length > SIGNAL_MAX_BYTES) return null;
  let fields: unknown;
  try {
    fields = JSON.parse(payload);
  } catch {
    // A peer may send anything.
    return null;
  }
  if (!isRecord(fields)) return null;
  const { id, to, offer, sdp, isRestart, isRebuild, candidates } = fields;
  if (!isRunId(id)) return null;
  if (kind === "bye") return { kind, id };
  if (kind === "candidates") {
    if (!Array.isArray(candidates) || candidates.length > CANDIDATES_MAX_COUNT) return null;
    return candidates.every(isCandidate) ? { kind, id, candidates: candidates.map(pickCandidate) } : null;
  }
  if (!isCount(offer)) return null;
  if (kind === "restart") return { kind, id, offer, isRebuild: isRebuild === true };
  if (typeof sdp !== "string") return null;
  if (kind === "offer") return { kind, id, offer, sdp, isRestart: isRestart === true };
  return isRunId(to) ? { kind, id, to, offer, sdp } : null;
}

function isRunId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= ID_MAX_CHARACTERS;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCandidate(value: unknown): value is Candidate {
  if (!isRecord(value)) return false;
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = value;
  return isText(candidate) && (sdpMid === null || isText(sdpMid)) &&
    (sdpMLineIndex === null || isCount(sdpMLineIndex)) &&
    (usernameFragment === null || isText(usernameFragment));
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= CANDIDATE_MAX_CHARACTERS;
}

function pickCandidate({ candidate, sdpMid, sdpMLineIndex, usernameFragment }: Candidate): Candidate {
  return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
}
