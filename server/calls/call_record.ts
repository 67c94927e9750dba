import type {
  Call,
  CallPurpose,
  CallTopology,
  JoiningMedia,
  Media,
  RemovalReason,
  RingState,
  ToldMedia,
} from "../../shared/call/call_types.ts";
import { hasRoomFor } from "../../shared/call/mesh_limits.ts";
import { AppError } from "../../shared/errors.ts";
import type { CallId, ParticipantId, RoomId, SessionId, TabId, TokenId, UserId } from "../../shared/ids.ts";
import { NOBODY_CALLED, withCalled, withDeclined } from "./call_outcome.ts";
import type { CallOutcome } from "./call_outcome.ts";

/** Devices in a call through an SFU, so that the record fits one row. */
const SFU_MAX_COUNT = 50;
/** Maximum number of people whom `call_ended` names. */
const TOOK_PART_MAX_COUNT = 200;
/** Ended rings, and removed devices, that are kept for instances that missed a change. */
const ENDED_MAX_COUNT = 24;

/** A device that calls: one tab of a session, or a program with a token. */
export interface CallDevice {
  readonly userId: UserId;
  /** The maker of a bot, otherwise the user. */
  readonly accountId: UserId;
  /** The session or token. */
  readonly key: string;
  readonly sessionId: SessionId | null;
  readonly tokenId: TokenId | null;
  readonly tabId: TabId;
}

/** A participant as stored. */
export interface ParticipantRow extends CallDevice {
  readonly participantId: ParticipantId;
  readonly seq: number;
  readonly media: Media;
  readonly handSince: string | null;
  /** The revision in which a moderator muted it last. */
  readonly mutedIn?: number;
}

/** A ring as stored. */
export interface RingRow {
  /** Tells a second ring of a person from the first. */
  readonly number: number;
  readonly userId: UserId;
  readonly by: UserId;
  readonly video: boolean;
  /** By the clock of the instance that wrote it; deadlines count from when an instance hears of the ring. */
  readonly until: string;
  readonly state: RingState;
}

/** How a ring ended, and by which device, if by one. */
export interface EndedRing {
  readonly number: number;
  readonly reason: "accepted" | "declined" | "busy" | "cancelled" | "missed";
  readonly device: Pick<CallDevice, "key" | "tabId"> | null;
}

/** A device that was removed, and why. */
export interface RemovedDevice {
  readonly participantId: ParticipantId;
  readonly reason: RemovalReason;
}

/** A call as stored. */
export interface CallRecord {
  readonly callId: CallId;
  readonly startedBy: UserId;
  readonly startedAt: string;
  readonly purpose: CallPurpose;
  readonly files?: Call["files"];
  readonly topology: CallTopology;
  readonly isDirect: boolean;
  readonly participants: readonly ParticipantRow[];
  readonly rings: readonly RingRow[];
  readonly endedRings: readonly EndedRing[];
  readonly removed: readonly RemovedDevice[];
  /** People who are or were in it. */
  readonly tookPart: readonly UserId[];
  /** The last `seq` and number of a ring. */
  readonly count: number;
  /** Absent in calls that began under an earlier version. */
  readonly outcome?: CallOutcome;
}

/** The row of a room's call, which stays when the call has ended. */
export interface CallRow {
  /** Grows with every change, so that instances can tell which state is newer. */
  readonly revision: number;
  readonly call: CallRecord | null;
  /** How the last call ended. */
  readonly last:
    | (Pick<CallRecord, "callId" | "endedRings" | "removed"> & { readonly missed: boolean })
    | null;
}

/** The row of a room that never had a call. */
export const NO_CALL: CallRow = { revision: 0, call: null, last: null };

/** A new call, without participants. */
export function newCall(
  call: Pick<CallRecord, "callId" | "startedBy" | "startedAt" | "purpose" | "isDirect">,
): CallRecord {
  return {
    ...call,
    topology: "mesh",
    participants: [],
    rings: [],
    endedRings: [],
    removed: [],
    tookPart: [],
    count: 0,
    outcome: NOBODY_CALLED,
  };
}

/** Returns the participant of a device's session or token. */
export function participantOf(call: CallRecord, key: string): ParticipantRow | undefined {
  return call.participants.find((participant) => participant.key === key);
}

/** Returns the participant of a device; throws if it is not in the call, or if another tab has taken over. */
export function requireDevice(call: CallRecord, device: Pick<CallDevice, "key" | "tabId">): ParticipantRow {
  const participant = participantOf(call, device.key);
  if (participant === undefined) throw notInCall();
  if (participant.tabId !== device.tabId) {
    throw new AppError("call_moved", "The call continues in another tab");
  }
  return participant;
}

/** The error for those who are not in a call, and for signals to them. */
export function notInCall(): AppError {
  return new AppError("not_in_call", "Not in this call");
}

/** Adds a device, moves it to another tab, or finds it there already. Throws `call_full`. */
export function withDevice(
  call: CallRecord,
  device: CallDevice,
  { media, participantId, hasSfu }: {
    readonly media: JoiningMedia;
    readonly participantId: ParticipantId;
    readonly hasSfu: boolean;
  },
): CallRecord {
  const known = participantOf(call, device.key);
  // A device that lost its stream, or asks twice.
  if (known?.tabId === device.tabId) return call;
  const next: ParticipantRow = {
    ...device,
    participantId: known?.participantId ?? participantId,
    seq: call.count + 1,
    media: { ...media, screen: false, screenAudio: false },
    handSince: null,
  };
  const topology = topologyFor(call, next, hasSfu);
  const others = call.participants.filter(({ key }) => key !== device.key);
  const { userId } = device;
  const isNew = !call.tookPart.includes(userId) && call.tookPart.length < TOOK_PART_MAX_COUNT;
  return {
    ...call,
    topology,
    participants: [...others, next],
    tookPart: isNew ? [...call.tookPart, userId] : call.tookPart,
    count: next.seq,
  };
}

/** Changes what a participant sends, by what it tells. Throws `call_full`. */
export function withMedia(
  call: CallRecord,
  participantId: ParticipantId,
  { hand, ...media }: ToldMedia,
  { at, hasSfu }: { readonly at: string; readonly hasSfu: boolean },
): CallRecord {
  const before = call.participants.find((each) => each.participantId === participantId);
  if (before === undefined) throw notInCall();
  const next = { ...before, media, handSince: hand ? before.handSince ?? at : null };
  const isSame = next.handSince === before.handSince &&
    (Object.keys(media) as (keyof Media)[]).every((name) => media[name] === before.media[name]);
  if (isSame) return call;
  return {
    ...call,
    topology: topologyFor(call, next, hasSfu),
    participants: call.participants.map((each) => each === before ? next : each),
  };
}

/** Removes devices, and cancels the rings of people who have left. */
export function withoutDevices(
  call: CallRecord,
  isGone: (participant: ParticipantRow) => boolean,
  reason: RemovalReason | null,
): CallRecord {
  const participants = call.participants.filter((each) => !isGone(each));
  const gone = call.participants.filter(isGone);
  const removed = reason === null ? [] : gone.map(({ participantId }) => ({ participantId, reason }));
  const isThere = (userId: UserId) => participants.some((each) => each.userId === userId);
  const next = {
    ...call,
    participants,
    removed: [...call.removed, ...removed].slice(-ENDED_MAX_COUNT),
  };
  return endRings(next, ({ by }) => gone.some(({ userId }) => userId === by) && !isThere(by), "cancelled");
}

/** Whether a call is over: nobody is left, or in a direct room one of the two. */
export function isOver({ participants, isDirect, tookPart }: CallRecord): boolean {
  const people = new Set(participants.map(({ userId }) => userId));
  return people.size === 0 || (isDirect && people.size < tookPart.length);
}

/** Whether somebody is neither in the call nor being rung for. */
export function canRing({ rings, participants }: CallRecord, userId: UserId): boolean {
  return [...rings, ...participants].every((each) => each.userId !== userId);
}

/** Rings for people who do not ring yet. */
export function withRings(
  call: CallRecord,
  rings: readonly Pick<RingRow, "userId" | "state">[],
  { by, video, until }: Pick<RingRow, "by" | "video" | "until">,
): CallRecord {
  const fresh = rings.filter(({ userId }) => canRing(call, userId));
  if (fresh.length === 0) return call;
  const added = fresh.map((ring, index) => ({ ...ring, number: call.count + 1 + index, by, video, until }));
  const next = { ...call, rings: [...call.rings, ...added], count: call.count + added.length };
  return withCalled(next, fresh.map(({ userId }) => userId));
}

/** Sets the state of a person's ring. */
export function withRingState(call: CallRecord, userId: UserId, state: RingState): CallRecord {
  const isSame = (ring: RingRow) => ring.userId !== userId || ring.state === state;
  if (call.rings.every(isSame)) return call;
  return { ...call, rings: call.rings.map((ring) => isSame(ring) ? ring : { ...ring, state }) };
}

/** Ends rings. */
export function endRings(
  call: CallRecord,
  isEnded: (ring: RingRow) => boolean,
  reason: EndedRing["reason"],
  device: EndedRing["device"] = null,
): CallRecord {
  const gone = call.rings.filter(isEnded);
  if (gone.length === 0) return call;
  const ended = gone.map(({ number }): EndedRing => ({ number, reason, device }));
  const rings = call.rings.filter((ring) => !isEnded(ring));
  const next = { ...call, rings, endedRings: [...call.endedRings, ...ended].slice(-ENDED_MAX_COUNT) };
  return reason === "declined" ? withDeclined(next, gone.map(({ userId }) => userId)) : next;
}

/** Whether nobody but the starter ever took part. */
export function isMissed({ tookPart, startedBy }: CallRecord): boolean {
  return tookPart.every((userId) => userId === startedBy);
}

/** Returns the row after a change; a call that is over goes to `last`. */
export function rowAfter(before: CallRow, call: CallRecord): CallRow {
  const revision = before.revision + 1;
  if (!isOver(call)) return { revision, call, last: before.last };
  const { callId, endedRings, removed } = endRings(call, () => true, "cancelled");
  return { revision, call: null, last: { callId, endedRings, removed, missed: isMissed(call) } };
}

/** Returns a call as participants and members see it. */
export function toCall(roomId: RoomId, call: CallRecord, revision: number): Call {
  return {
    callId: call.callId,
    roomId,
    startedBy: call.startedBy,
    startedAt: call.startedAt,
    purpose: call.purpose,
    ...call.files === undefined || call.files.length === 0 ? {} : { files: call.files },
    topology: call.topology,
    participants: call.participants.map(({ participantId, userId, seq, media, handSince }) => (
      { participantId, userId, seq, media, handSince }
    )),
    revision,
  };
}

/** Returns how media travels with this participant; throws `call_full` if it does not fit. */
function topologyFor(call: CallRecord, next: ParticipantRow, hasSfu: boolean): CallTopology {
  const isMesh = call.topology === "mesh" && hasRoomFor(call.participants, next.media, next.participantId);
  if (isMesh) return "mesh";
  const others = call.participants.filter(({ participantId }) => participantId !== next.participantId);
  if ((hasSfu || call.topology === "sfu") && others.length < SFU_MAX_COUNT) return "sfu";
  throw new AppError("call_full", "This call is full");
}
