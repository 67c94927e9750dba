import { AppError } from "../../shared/errors.ts";
import { missedBy } from "../../shared/event.ts";
import type { CallEndedBody, CallStartedBody, RoomEventBody } from "../../shared/event.ts";
import type { CallId, RoomId, UserId } from "../../shared/ids.ts";
import { checkedRights } from "../auth/account_change_store.ts";
import { authorize, notFound } from "../auth/authorize.ts";
import type { UserRow } from "../auth/user_store.ts";
import type { Feed } from "../changes.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";
import { memberTarget } from "../rooms/membership_store.ts";
import { MISSED_CALL } from "../rooms/place_store.ts";
import type { MemberRow, RoomRow } from "../rooms/room_records.ts";
import type { RoomEventLog } from "../rooms/room_stream.ts";
import type { CallBoard } from "./call_board.ts";
import { isMissed, NO_CALL, rowAfter } from "./call_record.ts";
import type { CallDevice, CallRecord, CallRow } from "./call_record.ts";

/** Events about the call of one room never share a commit. */
const CALL_TARGET = "call";

export interface CallRowStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly roomLog: RoomEventLog;
  readonly board: CallBoard;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** An event, and the checks that it needs. */
export interface CallEvent {
  readonly body: RoomEventBody;
  readonly checks: readonly Deno.AtomicCheck[];
}

/** What is decided about a call, and the checks that the decision needs; the same call means no change. */
export interface CallDecision {
  readonly call: CallRecord | null;
  readonly checks?: readonly Deno.AtomicCheck[];
}

/** Decides what becomes of a room's call. It may run several times, and reads what it checks. */
export type DecideCall = (before: CallRow) => Promise<CallDecision> | CallDecision;

/** What a device may do in a room, as stored now. */
export interface DeviceRights {
  readonly room: RoomRow;
  /** The room of another call in which the device is. */
  readonly elsewhere: RoomId | null;
  readonly checks: readonly Deno.AtomicCheck[];
}

interface CallOfRow {
  readonly roomId: RoomId;
}

/** A change that is ready to be committed. */
interface Step {
  readonly row: CallRow;
  readonly event: CallStartedBody | CallEndedBody | null;
  readonly sets: readonly (readonly [Deno.KvKey, unknown])[];
  readonly deletes: readonly Deno.KvKey[];
}

/**
 * The rows of calls, one for each room. Beginning and end are events of the room's log, in the same commit; every
 * other change is a notice to all instances.
 */
export class CallRowStore {
  readonly #options: CallRowStoreOptions;
  readonly #updates = new RowUpdates();

  constructor(options: CallRowStoreOptions) {
    this.#options = options;
  }

  /** Changes a room's call and returns its row; changes of one room wait for each other. */
  async change(roomId: RoomId, by: UserId, decide: DecideCall): Promise<CallRow> {
    const { db, feed, board } = this.#options;
    const key = keys.call(roomId);
    const row = await this.#updates.run(key, async () => {
      const entry = await db.get<CallRow>(key);
      const before = entry.value ?? NO_CALL;
      const { call, checks = [] } = await decide(before);
      if (call === null || call === before.call) return before;
      const step = this.#step(roomId, before, call);
      if (step.event !== null) return await this.#change(roomId, by, decide);
      const commit = { checks: [entry, ...checks], sets: step.sets, deletes: step.deletes };
      const changes = [{ type: "call_changed", roomId, row: step.row } as const];
      return await feed.commit(db, commit, changes) === null ? null : step.row;
    });
    board.apply(roomId, row);
    return row;
  }

  /** Appends an event of a call that goes on without a change of its row, which is checked. */
  async append(roomId: RoomId, by: UserId, build: (row: CallRow) => Promise<CallEvent>): Promise<void> {
    const { db, roomLog } = this.#options;
    await roomLog.append(roomId, {
      by,
      targets: [memberTarget(by), CALL_TARGET],
      build: async () => {
        const entry = await db.get<CallRow>(keys.call(roomId));
        const { body, checks } = await build(entry.value ?? NO_CALL);
        return { body, checks: [entry, ...checks] };
      },
    });
  }

  /** Returns a room's call row as stored. */
  async read(roomId: RoomId): Promise<CallRow> {
    return (await this.#options.db.get<CallRow>(keys.call(roomId))).value ?? NO_CALL;
  }

  /** Returns the room of a call that goes on; throws `not_found`. */
  async roomOf(callId: CallId): Promise<RoomId> {
    const known = this.#options.board.roomOf(callId);
    if (known !== null) return known;
    const { value } = await this.#options.db.get<RoomId>(keys.callRoom(callId));
    if (value === null) throw notFound();
    return value;
  }

  /** Returns the rooms of all calls that go on. */
  async rooms(maxCount: number): Promise<RoomId[]> {
    const entries = await this.#options.db.list<RoomId>(keys.callRooms(), { limit: maxCount });
    return entries.map(({ value }) => value);
  }

  /**
   * Reads whether a device may do this in a room now, throws if not, and returns the checks for the commit. All rows
   * are checked, because not every change of a call is an event of the room.
   */
  async judge(
    device: CallDevice,
    roomId: RoomId,
    asks: "room.send" | "call.moderate",
  ): Promise<DeviceRights> {
    const { db } = this.#options;
    const { userId, sessionId, tokenId, key } = device;
    const entries = await db.getMany<unknown>([
      keys.room(roomId),
      keys.member(roomId, userId),
      keys.user(userId),
      keys.callOf(userId, key),
      ...sessionId === null ? [] : [keys.sessionOf(userId, sessionId)],
      ...tokenId === null ? [] : [keys.tokenOf(userId, tokenId)],
    ]);
    const [room, member, user, callOf, login] = entries as [
      Deno.KvEntryMaybe<RoomRow>,
      Deno.KvEntryMaybe<MemberRow>,
      Deno.KvEntryMaybe<UserRow>,
      Deno.KvEntryMaybe<CallOfRow>,
      Deno.KvEntryMaybe<unknown>?,
    ];
    const { rights, checks } = await checkedRights(db, user);
    if (login === undefined || login.value === null) {
      throw new AppError("unauthenticated", "The session has ended, sign in again");
    }
    if (room.value === null) throw notFound();
    authorize(rights, asks, { kind: room.value.kind, membership: member.value?.role ?? null });
    if (room.value.archivedAt !== null) throw new AppError("room_archived", "The room is archived");
    const other = callOf.value?.roomId ?? null;
    return {
      room: room.value,
      elsewhere: other === roomId ? null : other,
      checks: [room, member, login, callOf, ...checks],
    };
  }

  /** Commits a change that is an event of the room; null if it must be decided again. */
  async #change(roomId: RoomId, by: UserId, decide: DecideCall): Promise<CallRow | null> {
    const { db, roomLog } = this.#options;
    let row: CallRow | null = null;
    await roomLog.append(roomId, {
      by,
      targets: [memberTarget(by), CALL_TARGET],
      build: async ({ offset }) => {
        const entry = await db.get<CallRow>(keys.call(roomId));
        const before = entry.value ?? NO_CALL;
        const { call, checks = [] } = await decide(before);
        row = null;
        if (call === null || call === before.call) {
          row = before;
          return null;
        }
        const step = this.#step(roomId, before, call);
        if (step.event === null) return null;
        row = step.row;
        const missed = (step.event.type === "call_ended" ? missedBy(step.event) : [])
          .map((userId) => [keys.mention(userId, roomId, offset), MISSED_CALL] as const);
        const sets = [...step.sets, ...missed];
        return { body: step.event, checks: [entry, ...checks], sets, deletes: step.deletes };
      },
    });
    return row;
  }

  #step(roomId: RoomId, before: CallRow, call: CallRecord): Step {
    const row = rowAfter(before, call);
    const sets: (readonly [Deno.KvKey, unknown])[] = [[keys.call(roomId), row]];
    const deletes: Deno.KvKey[] = [];
    const earlier = before.call?.participants ?? [];
    const now = row.call?.participants ?? [];
    for (const { userId, key } of earlier) {
      if (!now.some((each) => each.key === key)) deletes.push(keys.callOf(userId, key));
    }
    for (const { userId, key } of now) {
      if (!earlier.some((each) => each.key === key)) {
        sets.push([keys.callOf(userId, key), { roomId } satisfies CallOfRow]);
      }
    }
    if (row.call === null) deletes.push(keys.callRoom(call.callId));
    else if (before.call === null) sets.push([keys.callRoom(call.callId), roomId]);
    return { row, event: this.#event(before.call, call, row), sets, deletes };
  }

  /** Calls for files are no events, unless they become a real call. */
  #event(before: CallRecord | null, call: CallRecord, row: CallRow): Step["event"] {
    const { callId, purpose, tookPart } = call;
    if (purpose === "files") return null;
    if (row.call !== null) return before?.purpose === "talk" ? null : { type: "call_started", callId };
    const durationMs = Math.max(0, this.#options.now() - Date.parse(call.startedAt));
    const missed = isMissed(call);
    const end = { type: "call_ended", callId, durationMs, missed, userIds: tookPart } as const;
    if (!missed || call.outcome === undefined) return end;
    const { rang, declined } = call.outcome;
    return { ...end, rang: [...rang], declined: [...declined] };
  }
}
