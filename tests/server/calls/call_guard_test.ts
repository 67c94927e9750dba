import { describe, expect, it } from "vitest";
import type { Notice } from "../../../server/changes.ts";
import { CallBoard } from "../../../server/calls/call_board.ts";
import { CallGuard } from "../../../server/calls/call_guard.ts";
import { newCall, withDevice, withRings } from "../../../server/calls/call_record.ts";
import type { CallDevice, CallRecord } from "../../../server/calls/call_record.ts";
import { newId } from "../../../shared/ids.ts";
import type {
  CallId,
  ParticipantId,
  RoomId,
  SessionId,
  TabId,
  TokenId,
  UserId,
} from "../../../shared/ids.ts";
import { VOICE } from "../../support/call_kit.ts";
import { waitFor } from "../../support/wait.ts";

function deviceOf(userId: UserId, tokenId: TokenId | null): CallDevice {
  const sessionId = tokenId === null ? newId<SessionId>() : null;
  const key = tokenId ?? sessionId ?? "";
  return { userId, accountId: userId, key, sessionId, tokenId, tabId: newId<TabId>() } as CallDevice;
}

function callOf(devices: readonly CallDevice[]): CallRecord {
  const startedBy = newId<UserId>();
  const startedAt = new Date(0).toISOString();
  const empty = newCall({ callId: newId<CallId>(), startedBy, startedAt, purpose: "talk", isDirect: false });
  const add = (call: CallRecord, device: CallDevice) =>
    withDevice(call, device, { media: VOICE, participantId: newId<ParticipantId>(), hasSfu: false });
  return devices.reduce(add, empty);
}

/** A guard of which it is decided here when accounts are read; nobody has any rights. */
function openGuard() {
  const board = new CallBoard(() => 0);
  const asked: (string | null)[] = [];
  const answers: (() => void)[] = [];
  const removed: number[] = [];
  const endedRings: number[] = [];
  const storage = { failureCount: 0 };
  let hear: (notice: Notice) => void = () => {};
  const guard = new CallGuard({
    board,
    store: {
      remove: (_roomId: RoomId, { seq }: { seq: number }) => Promise.resolve(void removed.push(seq)),
      endRing: (_roomId: RoomId, { number }: { number: number }) =>
        Promise.resolve(void endedRings.push(number)),
    } as never,
    feed: { subscribe: (_: string, handler: typeof hear) => (hear = handler, () => {}) } as never,
    access: null as never,
    accounts: {
      resolve: ({ sessionId, tokenId }: CallDevice) => {
        asked.push(tokenId ?? sessionId);
        if (storage.failureCount-- > 0) return Promise.reject(new Error("Storage is away"));
        return new Promise((resolve) => void answers.push(() => resolve(null)));
      },
    } as never,
    elapsed: () => 0,
  });
  const end = (change: { userId: UserId; sessionId: SessionId | null; tokenId: TokenId | null }) =>
    hear({ type: "changed", change: { type: "session_ended", ...change, reason: "ended" } } as Notice);
  const leave = (roomId: RoomId, userId: UserId) =>
    hear({
      type: "committed",
      kind: "room",
      streamId: roomId,
      events: [{ type: "member_left", userId }],
    } as never);
  return { board, guard, asked, answers, removed, endedRings, storage, end, leave };
}

describe("CallGuard", () => {
  it("removes the participant of a revoked token, and asks about no other of its person", async () => {
    const { board, guard, asked, answers, removed, end } = openGuard();
    const userId = newId<UserId>();
    const tokenId = newId<TokenId>();
    const call = callOf([deviceOf(userId, null), deviceOf(userId, tokenId)]);
    board.apply(newId<RoomId>(), { revision: 1, call, last: null });
    end({ userId, sessionId: null, tokenId });
    await waitFor(() => answers.length === 1);
    answers[0]?.();
    await waitFor(() => removed.length === 1);
    expect([asked, removed]).toEqual([[tokenId], [2]]);
    guard.close();
  });

  it("removes those who join after the change was heard of, and nobody else", async () => {
    const { board, guard, asked, answers, removed, end } = openGuard();
    const lost = deviceOf(newId<UserId>(), null);
    end({ userId: lost.userId, sessionId: lost.sessionId, tokenId: null });
    const other = deviceOf(newId<UserId>(), null);
    board.apply(newId<RoomId>(), { revision: 1, call: callOf([other, lost]), last: null });
    await waitFor(() => answers.length === 1);
    answers[0]?.();
    await waitFor(() => removed.length === 1);
    expect([asked, removed]).toEqual([[lost.sessionId], [2]]);
    guard.close();
  });

  it("removes one who goes to another tab while rights are read", async () => {
    const { board, guard, answers, removed, end } = openGuard();
    const lost = deviceOf(newId<UserId>(), null);
    const roomId = newId<RoomId>();
    const call = callOf([lost]);
    board.apply(roomId, { revision: 1, call, last: null });
    end({ userId: lost.userId, sessionId: lost.sessionId, tokenId: null });
    await waitFor(() => answers.length === 1);
    const options = { media: VOICE, participantId: newId<ParticipantId>(), hasSfu: false };
    const moved = withDevice(call, { ...lost, tabId: newId<TabId>() }, options);
    board.apply(roomId, { revision: 2, call: moved, last: null });
    await waitFor(() => answers.length === 2);
    for (const answer of answers) answer();
    await waitFor(() => removed.length === 2);
    expect(removed).toEqual([1, 2]);
    guard.close();
  });

  it("ends the ring of somebody who leaves the room, and nobody else's", () => {
    const { board, guard, endedRings, leave } = openGuard();
    const [lost, other, by] = [newId<UserId>(), newId<UserId>(), newId<UserId>()];
    const roomId = newId<RoomId>();
    const rings = [lost, other].map((userId) => ({ userId, state: "calling" as const }));
    const call = withRings(callOf([deviceOf(by, null)]), rings, { by, video: false, until: "" });
    board.apply(roomId, { revision: 1, call, last: null });
    leave(newId<RoomId>(), lost);
    expect(endedRings).toEqual([]);
    leave(roomId, lost);
    expect(endedRings).toEqual([call.rings[0]?.number]);
    guard.close();
  });

  it("asks again until storage answers whether somebody may stay", async () => {
    const { board, guard, asked, answers, removed, storage, end } = openGuard();
    const lost = deviceOf(newId<UserId>(), null);
    board.apply(newId<RoomId>(), { revision: 1, call: callOf([lost]), last: null });
    storage.failureCount = 2;
    end({ userId: lost.userId, sessionId: lost.sessionId, tokenId: null });
    await waitFor(() => answers.length === 1);
    expect(asked.length).toBe(3);
    answers[0]?.();
    await waitFor(() => removed.length === 1);
    guard.close();
  });
});
