import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CallBoard } from "../../../server/calls/call_board.ts";
import { CALL_TIMES, CallKeeper } from "../../../server/calls/call_keeper.ts";
import { newCall, withDevice, withRings } from "../../../server/calls/call_record.ts";
import type { CallRecord } from "../../../server/calls/call_record.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId, RoomId, SessionId, TabId, UserId } from "../../../shared/ids.ts";
import { VOICE } from "../../support/call_kit.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The call of one person, or of so many of their devices, who rings for another. */
function ringingCall(participantCount: number): CallRecord {
  const userId = newId<UserId>();
  const sessionId = newId<SessionId>();
  const device = {
    userId,
    accountId: userId,
    key: sessionId,
    sessionId,
    tokenId: null,
    tabId: newId<TabId>(),
  };
  const startedAt = new Date(0).toISOString();
  const call = newCall({
    callId: newId<CallId>(),
    startedBy: userId,
    startedAt,
    purpose: "talk",
    isDirect: false,
  });
  const entered = withDevice(call, device, {
    media: VOICE,
    participantId: newId<ParticipantId>(),
    hasSfu: false,
  });
  const ring = { userId: newId<UserId>(), state: "calling" } as const;
  const participants = entered.participants.flatMap((participant) =>
    Array.from(
      { length: participantCount },
      () => ({ ...participant, participantId: newId<ParticipantId>() }),
    )
  );
  return withRings({ ...entered, participants }, [ring], { by: userId, video: false, until: startedAt });
}

interface InstanceOptions {
  /** Whether the caller listens here. */
  readonly isHere: boolean;
  readonly isCurrent?: boolean;
  /** False if what it sends itself does not come back. */
  readonly hearsItself?: boolean;
  readonly participantCount?: number;
}

/** An instance that hears of such a call. */
function openKeeper(
  { isHere, isCurrent = true, hearsItself = true, participantCount = 1 }: InstanceOptions,
) {
  const done: string[] = [];
  const renewed: (readonly string[])[] = [];
  const elapsed = () => Date.now();
  const board = new CallBoard(elapsed);
  const hearers: ((value: unknown) => void)[] = [];
  const keeper = new CallKeeper({
    board,
    store: {
      endRing: (_roomId: RoomId, _ring: unknown, reason: string) => Promise.resolve(void done.push(reason)),
      remove: (_roomId: RoomId, _row: unknown, reason: string) => Promise.resolve(void done.push(reason)),
    } as never,
    signals: {
      on: (_: unknown, hearer: (value: unknown) => void) => (hearers.push(hearer), () => {}),
      send: (_: unknown, _to: null, value: { participantIds: readonly string[] }) => {
        renewed.push(value.participantIds);
        if (hearsItself) hearers.forEach((hearer) => hearer(value));
      },
    } as never,
    isHere: () => isHere,
    isCurrent: () => isCurrent,
    log: null as never,
    times: CALL_TIMES,
    elapsed,
  });
  const call = ringingCall(participantCount);
  const roomId = newId<RoomId>();
  const apply = (revision: number) => board.apply(roomId, { revision, call, last: null });
  apply(1);
  const [ring] = call.rings;
  return {
    keeper,
    done,
    renewed,
    apply,
    remainingMs: () => ring === undefined ? null : keeper.remainingMs(call, ring),
  };
}

describe("CallKeeper", () => {
  it("RING9 ends a ring as missed after 45 s, and 2 s later where the caller does not listen", async () => {
    const [own, other] = [openKeeper({ isHere: true }), openKeeper({ isHere: false, isCurrent: false })];
    expect([own.remainingMs(), other.remainingMs()]).toEqual([45_000, 45_000]);
    await vi.advanceTimersByTimeAsync(40_000);
    // Another change of the call does not prolong it.
    for (const { apply } of [own, other]) apply(2);
    await vi.advanceTimersByTimeAsync(4_999);
    expect([own.done, own.remainingMs(), other.done, other.remainingMs()]).toEqual([[], 1, [], 2_001]);
    await vi.advanceTimersByTimeAsync(1);
    expect([own.done, own.remainingMs(), other.done]).toEqual([["missed"], 2_000, []]);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(other.done).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(other.done).toEqual(["missed"]);
    own.keeper.close();
    other.keeper.close();
  });

  it("renews very many leases by several signals, since a row of storage is limited", async () => {
    const { keeper, renewed, done } = openKeeper({ isHere: true, participantCount: 2_500 });
    const before = renewed.length;
    await vi.advanceTimersByTimeAsync(CALL_TIMES.renewMs);
    const sent = renewed.slice(before);
    expect(sent.map((ids) => ids.length)).toEqual([1_000, 1_000, 500]);
    expect(new Set(sent.flat()).size).toBe(2_500);
    await vi.advanceTimersByTimeAsync(2 * CALL_TIMES.leaseMs);
    expect(done).not.toContain("failed");
    keeper.close();
  });

  it("LEASE4 removes after 30 s who listens nowhere, and nobody while it hears of no changes", async () => {
    const lost = openKeeper({ isHere: false });
    const kept = openKeeper({ isHere: true });
    const mute = openKeeper({ isHere: true, hearsItself: false });
    const deaf = openKeeper({ isHere: false, isCurrent: false });
    await vi.advanceTimersByTimeAsync(29_999);
    expect([...lost.done, ...kept.done, ...mute.done, ...deaf.done]).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(lost.done).toEqual(["failed"]);
    await vi.advanceTimersByTimeAsync(300_000);
    expect([kept.done, mute.done, deaf.done].flat()).not.toContain("failed");
    for (const { keeper } of [lost, kept, mute, deaf]) keeper.close();
  });
});
