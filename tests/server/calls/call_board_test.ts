import { describe, expect, it } from "vitest";
import { CallBoard } from "../../../server/calls/call_board.ts";
import { newCall } from "../../../server/calls/call_record.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, RoomId, UserId } from "../../../shared/ids.ts";

const ENDED_MAX_COUNT = 10_000;

describe("CallBoard", () => {
  it("forgets the oldest rows of ended calls, and none of calls that go on", () => {
    const board = new CallBoard(() => 0);
    const running = newId<RoomId>();
    const call = newCall({
      callId: newId<CallId>(),
      startedBy: newId<UserId>(),
      startedAt: new Date(0).toISOString(),
      purpose: "talk",
      isDirect: false,
    });
    board.apply(running, { revision: 1, call, last: null });
    const ended = Array.from({ length: ENDED_MAX_COUNT + 2 }, () => newId<RoomId>());
    for (const roomId of ended) board.apply(roomId, { revision: 1, call: null, last: null });
    const known = (index: number) => board.find(ended.at(index) as RoomId) !== null;
    expect([known(0), known(1), known(2), known(-1)]).toEqual([false, false, true, true]);
    expect(board.find(running)?.row.call).toBe(call);
  });
});
