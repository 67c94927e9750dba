import { AppError } from "../../shared/errors.ts";
import type { RoomId } from "../../shared/ids.ts";
import type { AccountStore } from "../auth/account_store.ts";
import type { Feed, Notice } from "../changes.ts";
import { runForAll } from "../kv/caller.ts";
import type { RoomAccessStore } from "../rooms/room_access_store.ts";
import { isRoomNotice } from "../rooms/room_stream.ts";
import type { CallBoard, CallChange } from "./call_board.ts";
import type { ParticipantRow } from "./call_record.ts";
import type { CallStore } from "./call_store.ts";

/** A change of rights may arrive before the participant that it affects; longer than instances lag behind. */
const RECENT_MS = 15_000;
/** Maximum number of recent changes; the oldest go first. */
const RECENT_MAX_COUNT = 10_000;
const RETRY_MS = 500;

export interface CallGuardOptions {
  readonly board: CallBoard;
  readonly store: CallStore;
  readonly feed: Feed;
  readonly access: RoomAccessStore;
  readonly accounts: AccountStore;
  /** Monotonic time in milliseconds. */
  readonly elapsed: () => number;
}

/**
 * Removes participants who lost the room, the session or the account. Every instance does, because the one that made
 * the change may be gone.
 */
export class CallGuard {
  readonly #options: CallGuardOptions;
  /** What changed recently, and when; sorted by that. */
  readonly #recent = new Map<string, number>();
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  readonly #stops: (() => void)[];
  #isClosed = false;

  /** Subscribes to the feed and the board. */
  constructor(options: CallGuardOptions) {
    this.#options = options;
    this.#stops = [
      options.feed.subscribe("deliver", (notice) => this.#hear(notice)),
      options.board.subscribe((change) => this.#apply(change)),
    ];
  }

  /** Stops timers and unsubscribes. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    for (const timer of this.#retries) clearTimeout(timer);
  }

  #hear(notice: Notice): void {
    if (notice.type === "changed") {
      const { change } = notice;
      if (change.type === "user_changed") this.#lost(change.userId);
      if (change.type !== "session_ended") return;
      this.#lost(change.sessionId ?? change.tokenId ?? change.userId);
    }
    if (!isRoomNotice(notice)) return;
    const { streamId: roomId, events } = notice;
    for (const event of events) {
      if (event.type === "member_left") {
        this.#lost(`${roomId} ${event.userId}`);
        this.#endRings(roomId, event.userId);
      } else if (event.type === "room_updated" && event.room.archivedAt !== null) this.#lost(roomId);
    }
  }

  /** Checks everybody whom a change may affect. */
  #lost(subject: string): void {
    const now = this.#options.elapsed();
    for (const [old, at] of this.#recent) {
      if (now - at < RECENT_MS && this.#recent.size < RECENT_MAX_COUNT) break;
      this.#recent.delete(old);
    }
    this.#recent.delete(subject);
    this.#recent.set(subject, now);
    for (const { roomId, participant } of this.#options.board.participants()) {
      if (subjectsOf(roomId, participant).includes(subject)) this.#check(roomId, participant);
    }
  }

  #apply({ roomId, before, after }: CallChange): void {
    for (const participant of after.call?.participants ?? []) {
      // A tab that takes over is another one: what began for the former tab does not remove it.
      const isKnown = before.call?.participants.some(({ participantId, seq }) =>
        participantId === participant.participantId && seq === participant.seq
      );
      if (isKnown === true) continue;
      const isConcerned = subjectsOf(roomId, participant).some((subject) => this.#recent.has(subject));
      if (isConcerned) this.#check(roomId, participant);
    }
  }

  #check(roomId: RoomId, participant: ParticipantRow): void {
    runForAll(() => this.#removeIfLost(roomId, participant)).catch(() => {
      if (this.#isClosed) return;
      // Storage does not answer: until it does, nobody's rights are known.
      const timer = setTimeout(() => {
        this.#retries.delete(timer);
        this.#check(roomId, participant);
      }, RETRY_MS);
      this.#retries.add(timer);
    });
  }

  async #removeIfLost(roomId: RoomId, participant: ParticipantRow): Promise<void> {
    const { board, store } = this.#options;
    const isThere = board.find(roomId)?.row.call?.participants.some(({ key }) => key === participant.key);
    if (isThere !== true) return;
    if (!await this.#mayStay(roomId, participant)) await store.remove(roomId, participant, "left_room");
  }

  async #mayStay(roomId: RoomId, { userId, sessionId, tokenId }: ParticipantRow): Promise<boolean> {
    const { access, accounts } = this.#options;
    const actor = await accounts.resolve({ userId, sessionId, tokenId });
    if (actor === null) return false;
    try {
      const { row } = await access.requireStored(actor, "room.send", roomId);
      return row.archivedAt === null;
    } catch (error) {
      if (error instanceof AppError && (error.appCode === "not_found" || error.appCode === "not_allowed")) {
        return false;
      }
      throw error;
    }
  }

  /** A person who left is not rung for. */
  #endRings(roomId: RoomId, userId: string): void {
    const { board, store } = this.#options;
    for (const ring of board.find(roomId)?.row.call?.rings ?? []) {
      // If this fails, the ring ends by itself.
      if (ring.userId === userId) runForAll(() => store.endRing(roomId, ring, "cancelled")).catch(() => {});
    }
  }
}

/** Everything whose change may affect a participant. */
function subjectsOf(roomId: RoomId, { userId, accountId, key }: ParticipantRow): string[] {
  return [roomId, `${roomId} ${userId}`, userId, accountId, key];
}
