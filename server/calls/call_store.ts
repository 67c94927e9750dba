import type { Call, Joined, JoiningMedia, MediaTold, ToldMedia } from "../../shared/call/call_types.ts";
import type { CallPurpose } from "../../shared/call/call_types.ts";
import { RING_MS } from "../../shared/call/call_limits.ts";
import { AppError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import type { CallId, ParticipantId, RoomId, UserId } from "../../shared/ids.ts";
import { notFound } from "../auth/authorize.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import { otherOf } from "../rooms/room_records.ts";
import type { RoomRow } from "../rooms/room_records.ts";
import {
  canRing,
  endRings,
  newCall,
  notInCall,
  participantOf,
  requireDevice,
  toCall,
  withDevice,
  withMedia,
  withoutDevices,
  withRingState,
} from "./call_record.ts";
import type { CallDevice, CallRecord, CallRow, ParticipantRow, RingRow } from "./call_record.ts";
import { CallRings } from "./call_rings.ts";
import type { CallRingsOptions } from "./call_rings.ts";
import type { CallRowStore } from "./call_row_store.ts";
import { requireFirst, takenOver, withOfferedFiles, withoutUnwantedFiles } from "./offered_files.ts";

/** How often a device that is in another call is taken out of it, in case it joins elsewhere meanwhile. */
const ENTER_TRY_MAX_COUNT = 3;

export interface CallStoreOptions extends CallRingsOptions {
  readonly rows: CallRowStore;
  /** Whether a person has a device that is present. */
  readonly isOnline: (userId: UserId) => boolean;
  /** Whether calls that do not fit a mesh continue on an SFU now. */
  readonly hasSfu: () => boolean;
}

/** How a call is started. */
export interface StartOptions {
  readonly media: JoiningMedia;
  readonly ring: readonly UserId[];
  readonly purpose: CallPurpose;
  readonly files?: Call["files"];
  /** Whether a call, which is new or runs already, may ring for this person once more. */
  readonly mayRing: (userId: UserId, isNew: boolean) => boolean;
}

/** Why the server removes a participant. */
export type Removal = "left_room" | "failed";

type Enter = (before: CallRow, room: RoomRow) => CallRecord | Promise<CallRecord>;

/** The device is in the call of another room, which it must leave first. */
class ElsewhereError extends Error {
  readonly roomId: RoomId;

  constructor(roomId: RoomId) {
    super("The device is in another call");
    this.roomId = roomId;
  }
}

/** What people do with calls. Rights are checked in the commit of each change. */
export class CallStore {
  readonly #options: CallStoreOptions;
  readonly #rings: CallRings;

  constructor(options: CallStoreOptions) {
    this.#options = options;
    this.#rings = new CallRings(options);
  }

  /** Starts the room's call, or joins it; in a direct room it rings the other person. */
  start(device: CallDevice, roomId: RoomId, options: StartOptions): Promise<Joined> {
    const { now } = this.#options;
    const startedAt = new Date(now()).toISOString();
    const { media, ring, purpose, files = [], mayRing } = options;
    // Several devices may change a call at once, and then this is decided more than once.
    const asked = new Map<UserId, boolean>();
    return this.#enter(device, roomId, media, async (before, room) => {
      const by = { startedBy: device.userId, startedAt };
      const call = before.call ??
        newCall({ ...by, purpose, callId: newId<CallId>(), isDirect: room.kind === "direct" });
      const other = otherOf(room, device.userId);
      if (purpose === "files") {
        if (other === null) throw invalidInput("purpose", 'Must be left out unless the room is "direct"');
        if (!this.#options.isOnline(other)) {
          throw new AppError("wrong_state", "The other person is not online");
        }
        if (call.purpose === "talk" && participantOf(call, device.key) === undefined) {
          throw new AppError("wrong_state", "A call goes on in this room");
        }
        return withOfferedFiles(call, device.userId, files);
      }
      if (files.length > 0) throw invalidInput("files", 'Must be left out unless the purpose is "files"');
      const userIds = other === null ? await this.#rings.requireMembers(roomId, ring, "ring") : [other];
      const talk = call.purpose === "talk" ? call : takenOver(call, by);
      const isNew = before.call?.purpose !== "talk";
      const rung = userIds.filter((userId) =>
        canRing(talk, userId) && asked.getOrInsertComputed(userId, () => mayRing(userId, isNew))
      );
      // Nobody else could come, so the caller would wait for nothing.
      if (isNew && asked.get(other ?? device.userId) === false) {
        const retryAfterMs = RING_MS;
        throw new AppError("rate_limited", "This person was called too often", { retryAfterMs });
      }
      return this.#rings.add(roomId, talk, rung, { by: device.userId, video: media.cam });
    });
  }

  /** Answers a ring; only the first device of a person can. */
  accept(device: CallDevice, roomId: RoomId, callId: CallId, media: JoiningMedia): Promise<Joined> {
    return this.#enter(device, roomId, media, (before) => {
      const call = requireCall(before, callId);
      const isThere = participantOf(call, device.key)?.tabId === device.tabId;
      if (!isThere && !call.rings.some(({ userId }) => userId === device.userId)) {
        throw new AppError("wrong_state", "The call does not ring any more");
      }
      return call;
    });
  }

  /** Joins a call, also from another tab, to which it then moves. Files go to one device of a person. */
  join(device: CallDevice, roomId: RoomId, callId: CallId, media: JoiningMedia): Promise<Joined> {
    return this.#enter(device, roomId, media, (before) => requireFirst(requireCall(before, callId), device));
  }

  /** Rings for a member who is not in the call. */
  async ring(device: CallDevice, roomId: RoomId, callId: CallId, userId: UserId): Promise<void> {
    const { rows } = this.#options;
    await rows.change(roomId, device.userId, async (before) => {
      const call = requireCall(before, callId);
      const { media } = requireDevice(call, device);
      const { checks } = await rows.judge(device, roomId, "room.send");
      const userIds = await this.#rings.requireMembers(roomId, [userId], "userId");
      if (call.participants.some((each) => each.userId === userId)) {
        throw new AppError("wrong_state", "This person is in the call already");
      }
      const ring = { by: device.userId, video: media.cam };
      return { call: this.#rings.add(roomId, call, userIds, ring), checks };
    });
  }

  /** Notes that a device rings. */
  async rang(userId: UserId, roomId: RoomId, callId: CallId): Promise<void> {
    await this.#options.rows.change(roomId, userId, (before) => {
      const call = requireCall(before, callId);
      const isWaiting = call.rings.some((ring) => ring.userId === userId && ring.state === "calling");
      return { call: isWaiting ? withRingState(call, userId, "ringing") : call };
    });
  }

  /** Ends the ring of a person who does not want to answer, or a call for files that they do not want. */
  async decline(device: Pick<CallDevice, "userId" | "key" | "tabId">, roomId: RoomId, { callId, reason }: {
    readonly callId: CallId;
    readonly reason: "declined" | "busy";
  }): Promise<void> {
    const { userId } = device;
    await this.#options.rows.change(roomId, userId, (before) => {
      const call = requireCall(before, callId);
      const declined = withoutUnwantedFiles(call, userId);
      return { call: endRings(declined, (ring) => ring.userId === userId, reason, device) };
    });
  }

  /** Takes back the rings of a person. */
  async cancel(device: CallDevice, roomId: RoomId, callId: CallId): Promise<void> {
    await this.#options.rows.change(roomId, device.userId, (before) => {
      const call = requireCall(before, callId);
      requireDevice(call, device);
      return { call: endRings(call, ({ by }) => by === device.userId, "cancelled") };
    });
  }

  /** Ends a ring that nobody answers, or of a person who may not answer any more. */
  async endRing(roomId: RoomId, { number, by }: RingRow, reason: "missed" | "cancelled"): Promise<void> {
    await this.#options.rows.change(roomId, by, ({ call }) => ({
      call: call === null ? null : endRings(call, (ring) => ring.number === number, reason),
    }));
  }

  /** Leaves a call. */
  async leave(device: CallDevice, roomId: RoomId, callId: CallId): Promise<void> {
    await this.#options.rows.change(roomId, device.userId, (before) => {
      const call = requireCall(before, callId);
      const { participantId } = requireDevice(call, device);
      return { call: withoutDevices(call, (each) => each.participantId === participantId, null) };
    });
  }

  /** Tells what a participant sends. */
  async setMedia(device: CallDevice, roomId: RoomId, options: {
    readonly callId: CallId;
    readonly media: ToldMedia;
    /** The state that the device knew; what a moderator muted since stays muted. */
    readonly knownRevision: number;
  }): Promise<MediaTold> {
    const { rows, now, hasSfu } = this.#options;
    const { callId, media, knownRevision } = options;
    const at = new Date(now()).toISOString();
    let isMuted = false;
    const { revision } = await rows.change(roomId, device.userId, (before) => {
      const call = requireCall(before, callId);
      const { participantId, mutedIn = 0 } = requireDevice(call, device);
      isMuted = media.mic && knownRevision < mutedIn;
      const allowed = isMuted ? { ...media, mic: false } : media;
      return { call: withMedia(call, participantId, allowed, { at, hasSfu: hasSfu() }) };
    });
    return { revision, isMuted };
  }

  /** Mutes or removes a participant. */
  async moderate(device: CallDevice, roomId: RoomId, options: {
    readonly callId: CallId;
    readonly participantId: ParticipantId;
    readonly action: "mute" | "remove";
  }): Promise<void> {
    const { rows, now, hasSfu } = this.#options;
    const { callId, participantId, action } = options;
    await rows.change(roomId, device.userId, async (before) => {
      const call = requireCall(before, callId);
      const { checks } = await rows.judge(device, roomId, "call.moderate");
      const target = call.participants.find((each) => each.participantId === participantId);
      if (target === undefined) throw notInCall();
      if (action === "remove") {
        return { call: withoutDevices(call, (each) => each === target, "kicked"), checks };
      }
      if (!target.media.mic) return { call, checks };
      const media = { ...target.media, mic: false, hand: target.handSince !== null };
      const at = new Date(now()).toISOString();
      const muted = withMedia(call, participantId, media, { at, hasSfu: hasSfu() });
      return { call: withMute(muted, participantId, before.revision + 1), checks };
    });
  }

  /** Removes a participant on behalf of the server. */
  async remove(roomId: RoomId, participant: ParticipantRow, reason: Removal): Promise<void> {
    // It may have come back in another tab, with a new `seq`.
    const isGone = ({ participantId, seq }: ParticipantRow) =>
      participantId === participant.participantId && seq === participant.seq;
    await this.#options.rows.change(roomId, participant.userId, ({ call }) => ({
      call: call === null || !call.participants.some(isGone) ? null : withoutDevices(call, isGone, reason),
    }));
  }

  /** Returns the room's call. */
  async current(roomId: RoomId): Promise<Call | null> {
    const { rows, board } = this.#options;
    const row = await rows.read(roomId);
    board.apply(roomId, row);
    return row.call === null ? null : toCall(roomId, row.call, row.revision);
  }

  /** Adds a device by a change that `decide` makes; it leaves the call in which it was before. */
  async #enter(device: CallDevice, roomId: RoomId, media: JoiningMedia, decide: Enter): Promise<Joined> {
    const { rows, hasSfu } = this.#options;
    for (let tryCount = 1;; tryCount++) {
      try {
        const { call, revision } = await rows.change(roomId, device.userId, async (before) => {
          const { room, elsewhere, checks } = await rows.judge(device, roomId, "room.send");
          const decided = await decide(before, room);
          const participantId = newId<ParticipantId>();
          const entered = withDevice(decided, device, { media, participantId, hasSfu: hasSfu() });
          if (elsewhere !== null) throw new ElsewhereError(elsewhere);
          return {
            call: endRings(entered, ({ userId }) => userId === device.userId, "accepted", device),
            checks,
          };
        });
        const participant = call === null ? undefined : participantOf(call, device.key);
        if (call === null || participant === undefined) throw notFound();
        return { call: toCall(roomId, call, revision), participantId: participant.participantId };
      } catch (error) {
        if (!(error instanceof ElsewhereError) || tryCount >= ENTER_TRY_MAX_COUNT) throw error;
        await rows.change(error.roomId, device.userId, ({ call }) => ({
          call: call === null ? null : withoutDevices(call, ({ key }) => key === device.key, null),
        }));
      }
    }
  }
}

/** Notes in which revision a moderator has muted a participant. */
function withMute(call: CallRecord, participantId: ParticipantId, mutedIn: number): CallRecord {
  const participants = call.participants.map((each) =>
    each.participantId === participantId ? { ...each, mutedIn } : each
  );
  return { ...call, participants };
}

/** Returns the room's call if it is this one; throws `not_found`. */
function requireCall({ call }: CallRow, callId: CallId): CallRecord {
  if (call === null || call.callId !== callId) throw notFound();
  return call;
}
