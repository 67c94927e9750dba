import type { CallId, ParticipantId, RoomId, UserId } from "../ids.ts";
import type {
  Call,
  CallPurpose,
  RemovalReason,
  Ring,
  RingEndReason,
  RingState,
  ToldMedia,
} from "./call_types.ts";
import type { PendingRequest, WaitingRequest } from "./call_requests.ts";

/*
 * A call as one device sees it. `reduceCall` moves between these phases:
 *
 * | phase        | meaning                                         | ends                                             |
 * | ------------ | ----------------------------------------------- | ------------------------------------------------ |
 * | idle         | no call and no ring                             | start, join, a ring                              |
 * | outgoing     | starting a call, or alone in it while it rings  | somebody joins; no answer in 50 s: ended         |
 * | incoming     | a call rings here                               | accept, decline; `remainingMs` + 2 s: ended      |
 * | connecting   | joining, or in the call without any link yet    | a link is up: active; 30 s: ended                |
 * | active       | in the call with at least one link, or alone    | all links lost: reconnecting                     |
 * | reconnecting | there were links, and now there are none        | a link is up: active; 30 s: ended                |
 * | ended        | the reason is shown until it is dismissed       | dismiss: idle; start, join, a ring               |
 *
 * Leaving works in each phase at once, without the server: the phase is `ended`, devices and links are released,
 * and the server is told until it answers. A request without an answer fails after 10 s. Whoever is alone in a
 * room's call, and rings nobody, is active; when somebody joins, it is connecting again. In a room, the
 * participant who joined first waits 15 s longer, so that a newcomer without a path does not end the call.
 */

/** Where a device is with its call. */
export type CallPhase = "idle" | "outgoing" | "incoming" | "connecting" | "active" | "reconnecting" | "ended";

/** The phases in which a device holds devices and links. */
export type SessionPhase = Extract<CallPhase, "outgoing" | "connecting" | "active" | "reconnecting">;

/** Why a call ended on this device. */
export type EndReason =
  | "hangup"
  | "busy"
  | "moved"
  | "server_lost"
  | RemovalReason
  | Exclude<RingEndReason, "accepted">;

/** A ring, and when it ends by the clock of this device. */
export interface PendingRing extends Ring {
  readonly endsAt: number;
  /** When a ring that waits beside a call is declined as busy. */
  readonly busyAt: number;
}

/** A participation in a call, from the request to the end. */
export interface CallSession {
  readonly roomId: RoomId;
  readonly isDirect: boolean;
  readonly purpose: CallPurpose;
  readonly isStarter: boolean;
  /** The request to start, accept or join, until it is answered. */
  readonly requestId: number | null;
  readonly callId: CallId | null;
  readonly own: { readonly participantId: ParticipantId; readonly seq: number } | null;
  readonly call: Call | null;
  /** The people who are being rung. */
  readonly rings: ReadonlyMap<UserId, RingState>;
  readonly ringsUntil: number;
  /** The participants to whom the link is up. */
  readonly up: ReadonlySet<ParticipantId>;
  readonly isSfuUp: boolean;
  /** Whether there was a link since others joined. */
  readonly wasUp: boolean;
  /** What the person wants to send, and what the server has confirmed. */
  readonly want: ToldMedia;
  readonly told: ToldMedia;
  readonly toldRevision: number;
  /** When to tell the media again after a failure. */
  readonly tellAt: number | null;
  /** Why the last change of media was refused, to be shown. */
  readonly refusal: string | null;
  /** Why the ring ended, in case that accepting it is refused. */
  readonly ringEnded: EndReason | null;
}

/** How a call ended. */
export interface CallEnd {
  readonly reason: EndReason;
  readonly roomId: RoomId;
  readonly callId: CallId | null;
  readonly purpose: CallPurpose;
  /** The error of the server, such as `call_full`; `sfu_away` if the call went back to a mesh that does not hold all. */
  readonly code: string | null;
}

/** A phase with its data. */
export type CallStage =
  | { readonly phase: "idle" }
  | { readonly phase: "incoming"; readonly ring: PendingRing }
  | { readonly phase: SessionPhase; readonly since: number; readonly session: CallSession }
  | { readonly phase: "ended"; readonly end: CallEnd };

/** A ring that is over. Updates about it may still arrive; `until` is null if all rings of the call are over. */
export interface SettledRing {
  readonly callId: CallId;
  readonly until: string | null;
  readonly forgetAt: number;
}

/** Everything that `reduceCall` remembers. */
export interface CallState {
  readonly stage: CallStage;
  /** Rings for this device while it is in another call, quietly shown. */
  readonly waiting: readonly PendingRing[];
  readonly settled: readonly SettledRing[];
  readonly pending: readonly PendingRequest[];
  readonly later: readonly WaitingRequest[];
  /** Rooms in which a start failed without an answer: if a call shows up there, this device leaves it. */
  readonly unsure: readonly { readonly roomId: RoomId; readonly forgetAt: number }[];
  /** When the stream of updates was lost, and came back. */
  readonly outage: { readonly lostAt: number; readonly backAt: number | null } | null;
  readonly nextRequestId: number;
}

/** The state of a device without a call. */
export const NO_CALL: CallState = {
  stage: { phase: "idle" },
  waiting: [],
  settled: [],
  pending: [],
  later: [],
  unsure: [],
  outage: null,
  nextRequestId: 1,
};

/** Requests without an answer fail after this long. */
export const REQUEST_MS = 10_000;
/** Beyond `RING_MS`, since the server's word on a ring that is over takes its way. */
export const RING_GRACE_MS = 5_000;
/** The same for a device that rings, which counts from a later moment. */
export const INCOMING_GRACE_MS = 2_000;
/** How long a call for files waits for the other person. */
export const FILES_WAIT_MS = 120_000;
/** How long a call goes on without a single link. */
const LINKLESS_MS = 30_000;
/** How much longer the first participant of a room's call waits. */
const FIRST_WAITS_MS = 15_000;

/** The participation, if there is one. */
export function sessionOf({ stage }: CallState): CallSession | null {
  return "session" in stage ? stage.session : null;
}

/** The other participants of the call. */
export function othersIn({ call, own }: CallSession): Call["participants"] {
  return call?.participants.filter((one) => one.participantId !== own?.participantId) ?? [];
}

/** The phase that follows from a participation. */
export function sessionPhase(session: CallSession): SessionPhase {
  if (session.own === null) return session.isStarter ? "outgoing" : "connecting";
  if (session.isSfuUp || session.up.size > 0) return "active";
  if (othersIn(session).length > 0) return session.wasUp ? "reconnecting" : "connecting";
  const isWaiting = session.rings.size > 0 || (session.isStarter && session.purpose === "files");
  return isWaiting ? "outgoing" : "active";
}

/** When the phase ends by itself; null if it may last. */
export function stageDeadline(stage: CallStage): number | null {
  if (stage.phase === "incoming") return stage.ring.endsAt;
  if (!("session" in stage) || stage.phase === "active") return null;
  const { session, since, phase } = stage;
  // The request has its own deadline.
  if (phase === "outgoing") return session.own === null ? null : session.ringsUntil;
  const isFirst = othersIn(session).every((other) => session.own !== null && other.seq > session.own.seq);
  return since + LINKLESS_MS + (isFirst && !session.isDirect ? FIRST_WAITS_MS : 0);
}

/** Whether the call of a session goes through an SFU, which decrypts what it forwards. */
export function isForwarded({ call }: CallSession): boolean {
  return call?.topology === "sfu";
}
