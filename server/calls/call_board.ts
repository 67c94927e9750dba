import type { CallId, ParticipantId, RoomId, UserId } from "../../shared/ids.ts";
import type { CallRecord, CallRow, ParticipantRow } from "./call_record.ts";
import { NO_CALL } from "./call_record.ts";

/** Maximum number of rows of ended calls in memory. */
const ENDED_MAX_COUNT = 10_000;

/** A room's call, before and after a change. */
export interface CallChange {
  readonly roomId: RoomId;
  readonly before: CallRow;
  readonly after: CallRow;
}

/** A participant and where it is. */
export interface Placed {
  readonly roomId: RoomId;
  readonly call: CallRecord;
  readonly participant: ParticipantRow;
}

interface Entry {
  row: CallRow;
  /** When it was last read, or heard of. */
  seenAt: number;
}

/**
 * All calls of all instances, in memory. Rows arrive in any order and more than once; only newer ones count, so
 * handlers see each call go forward.
 */
export class CallBoard {
  readonly #elapsed: () => number;
  readonly #entries = new Map<RoomId, Entry>();
  readonly #rooms = new Map<CallId, RoomId>();
  readonly #handlers = new Set<(change: CallChange) => void>();

  /** `elapsed` is a monotonic time in milliseconds. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** Calls `handler` after every change until the returned function is called. */
  subscribe(handler: (change: CallChange) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Takes over a row unless a newer one is known. */
  apply(roomId: RoomId, row: CallRow): void {
    const seenAt = this.#elapsed();
    const entry = this.#entries.get(roomId);
    const before = entry?.row ?? NO_CALL;
    if (row.revision === before.revision && entry !== undefined) entry.seenAt = seenAt;
    if (row.revision <= before.revision) return;
    this.#entries.delete(roomId);
    this.#entries.set(roomId, { row, seenAt });
    if (before.call !== null) this.#rooms.delete(before.call.callId);
    if (row.call !== null) this.#rooms.set(row.call.callId, roomId);
    if (this.#entries.size > this.#rooms.size + ENDED_MAX_COUNT) this.#forgetOldest();
    for (const handler of this.#handlers) handler({ roomId, before, after: row });
  }

  /** Returns the room of a call that goes on, as far as this instance knows. */
  roomOf(callId: CallId): RoomId | null {
    return this.#rooms.get(callId) ?? null;
  }

  /** Returns the row of a room, and how long ago it was known to be current. */
  find(roomId: RoomId): { readonly row: CallRow; readonly ageMs: number } | null {
    const entry = this.#entries.get(roomId);
    return entry === undefined ? null : { row: entry.row, ageMs: this.#elapsed() - entry.seenAt };
  }

  /** Lists all calls that go on. */
  *calls(): Generator<readonly [RoomId, CallRecord]> {
    for (const roomId of this.#rooms.values()) {
      const call = this.#entries.get(roomId)?.row.call ?? null;
      if (call !== null) yield [roomId, call];
    }
  }

  /** Whether a person talks in a call outside this room; whoever only takes files can be called. */
  isInCallElsewhere(userId: UserId, roomId: RoomId): boolean {
    return this.calls().some(([id, { participants, purpose }]) =>
      id !== roomId && purpose === "talk" && participants.some((each) => each.userId === userId)
    );
  }

  /** Lists all participants. */
  *participants(): Iterable<Placed> {
    for (const [roomId, call] of this.calls()) {
      for (const participant of call.participants) yield { roomId, call, participant };
    }
  }

  /** Returns a participant of a call. */
  participant(callId: CallId, participantId: ParticipantId): Placed | null {
    const roomId = this.#rooms.get(callId);
    const call = roomId === undefined ? undefined : this.#entries.get(roomId)?.row.call;
    const participant = call?.participants.find((each) => each.participantId === participantId);
    return roomId === undefined || !call || participant === undefined ? null : { roomId, call, participant };
  }

  #forgetOldest(): void {
    for (const [roomId, { row }] of this.#entries) {
      if (row.call !== null) continue;
      this.#entries.delete(roomId);
      return;
    }
  }
}
