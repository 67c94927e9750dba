import { RING_MS } from "../../shared/call/call_limits.ts";
import { AppError } from "../../shared/errors.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { StatusBotStore } from "../auth/status_bot_store.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import type { MembershipStore } from "../rooms/membership_store.ts";
import type { CallBoard } from "./call_board.ts";
import { withRings } from "./call_record.ts";
import type { CallRecord } from "./call_record.ts";

/** People for whom one call rings at once, so that the record fits one row. */
const RINGS_MAX_COUNT = 30;

export interface CallRingsOptions {
  readonly board: CallBoard;
  readonly members: MembershipStore;
  readonly statusBot: Pick<StatusBotStore, "find">;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Who can be rung for, and in which state their ring begins. */
export class CallRings {
  readonly #options: CallRingsOptions;

  constructor(options: CallRingsOptions) {
    this.#options = options;
  }

  /** Rings for people who are not in the call; throws `rate_limited` while it rings for too many. */
  add(
    roomId: RoomId,
    call: CallRecord,
    userIds: readonly UserId[],
    ring: { readonly by: UserId; readonly video: boolean },
  ): CallRecord {
    const { board, now } = this.#options;
    const until = new Date(now() + RING_MS).toISOString();
    const rings = userIds.filter((userId) => userId !== ring.by).map((userId) => {
      const isBusy = board.isInCallElsewhere(userId, roomId);
      return { userId, state: isBusy ? "in_another_call" : "calling" } as const;
    });
    const next = withRings(call, rings, { ...ring, until });
    if (next.rings.length <= RINGS_MAX_COUNT || next === call) return next;
    throw new AppError("rate_limited", `A call rings for at most ${RINGS_MAX_COUNT} people at once`, {
      retryAfterMs: RING_MS,
    });
  }

  /** Returns these people; throws `invalid_input` at `path` unless all are members who can answer. */
  async requireMembers(
    roomId: RoomId,
    userIds: readonly UserId[],
    path: string,
  ): Promise<readonly UserId[]> {
    if (userIds.length === 0) return userIds;
    const { members, statusBot } = this.#options;
    const [found, bot] = await Promise.all([members.membersAmong(roomId, userIds), statusBot.find()]);
    if (bot !== null && userIds.includes(bot)) throw invalidInput(path, "Must be somebody who can answer");
    if (userIds.every((userId) => found.has(userId))) return userIds;
    throw invalidInput(path, "Must be members of the room");
  }
}
