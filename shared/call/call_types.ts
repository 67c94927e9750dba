import type { CallId, ParticipantId, RoomId, UserId } from "../ids.ts";

/** What a participant sends. It is told to the others, never guessed from tracks. */
export interface Media {
  readonly mic: boolean;
  readonly cam: boolean;
  readonly screen: boolean;
  readonly screenAudio: boolean;
}

/** The name of one of the four tracks. */
export type MediaKind = keyof Media;

/** What one starts or joins a call with: a screen is shared later. */
export type JoiningMedia = Pick<Media, "mic" | "cam">;

/** One device in a call. */
export interface Participant {
  readonly participantId: ParticipantId;
  readonly userId: UserId;
  /** Grows with each join, so of two participants the one who joined later has the higher number. */
  readonly seq: number;
  readonly media: Media;
  /** When the hand was raised, by the server's clock; null if it is down. */
  readonly handSince: string | null;
}

/** How media travels: from browser to browser, or through a LiveKit server. */
export type CallTopology = "mesh" | "sfu";

/** What a call is for. A call for files rings nobody and takes no devices. */
export type CallPurpose = "talk" | "files";

/** A file that is offered or handed over, as people read of it. */
export interface FileLabel {
  readonly name: string;
  readonly bytes: number;
}

/** A call, of which a room has at most one. */
export interface Call {
  readonly callId: CallId;
  readonly roomId: RoomId;
  readonly startedBy: UserId;
  readonly startedAt: string;
  readonly topology: CallTopology;
  readonly purpose: CallPurpose;
  /** In a call for files: what its starter offers, so that the other person knows before joining. */
  readonly files?: readonly FileLabel[];
  readonly participants: readonly Participant[];
  /** Grows with every change of this call, so that an update that arrives late changes nothing. */
  readonly revision: number;
}

/** A call that rings for a person. */
export interface Ring {
  readonly callId: CallId;
  readonly roomId: RoomId;
  readonly by: UserId;
  readonly video: boolean;
  /** When it ends, by the server's clock. It also tells a second ring in one call from the first. */
  readonly until: string;
  /** How long it still rings. Devices count with this, because their clocks differ. */
  readonly remainingMs: number;
}

/** The answer to `start`, `accept` and `join`. */
export interface Joined {
  readonly call: Call;
  readonly participantId: ParticipantId;
}

/** The answer to `media`: the revision of the call that has the change. */
export interface MediaTold {
  readonly revision: number;
  /** A moderator has muted the microphone, of which the device had not heard: it is off. */
  readonly isMuted: boolean;
}

/** What `media` tells. */
export interface ToldMedia extends Media {
  readonly hand: boolean;
}

/** Where a ring is: sent, ringing on a device, or shown to somebody who is in another call. */
export type RingState = "calling" | "ringing" | "in_another_call";

/** Why a ring ended. */
export type RingEndReason =
  | "accepted"
  | "declined"
  | "cancelled"
  | "missed"
  | "answered_elsewhere"
  | "declined_elsewhere";

/** Why a call ended for one device alone, while it may go on for others. */
export type RemovalReason = "failed" | "kicked" | "left_room";

/** A message from one peer to another, which the server relays. */
export type CallSignalKind = "offer" | "answer" | "candidates" | "restart" | "bye";

/** A signal as it is sent. */
export interface OutgoingSignal {
  readonly callId: CallId;
  readonly to: ParticipantId;
  /** The number of the peer connection; below 2³¹. */
  readonly epoch: number;
  /** The number of the signal within its epoch, from 0. */
  readonly seq: number;
  readonly kind: CallSignalKind;
  /** Printable ASCII, which the server does not read. */
  readonly payload: string;
}

/** A signal as it arrives. The server states the sender. */
export interface IncomingSignal extends Omit<OutgoingSignal, "to"> {
  readonly from: ParticipantId;
}

/** What `calls.onSignal` yields: a snapshot, then the changes. */
export type CallUpdate =
  | {
    readonly type: "snapshot";
    readonly calls: readonly Call[];
    readonly rings: readonly Ring[];
    /** By the server's clock, as `startedAt` is; absent where a device repeats what it knows. */
    readonly asOf?: string;
  }
  | { readonly type: "call_changed"; readonly call: Call }
  | {
    readonly type: "call_ended";
    readonly callId: CallId;
    readonly roomId: RoomId;
    readonly missed: boolean;
    /** Only for a participant that was removed; the call may go on. */
    readonly reason?: RemovalReason;
  }
  | { readonly type: "ring"; readonly ring: Ring }
  /** To the person who rings. */
  | {
    readonly type: "ring_state";
    readonly callId: CallId;
    readonly userId: UserId;
    readonly state: RingState;
  }
  /** To the person who rings and to the one who was rung, whose id is `userId`. */
  | {
    readonly type: "ring_ended";
    readonly callId: CallId;
    readonly userId: UserId;
    readonly reason: RingEndReason;
  }
  | ({ readonly type: "signal" } & IncomingSignal)
  /** The participation continues in another tab; `seq` is the one that it had in this tab. */
  | { readonly type: "moved"; readonly callId: CallId; readonly seq: number }
  | { readonly type: "handoff"; readonly callId: CallId; readonly topology: CallTopology };
