import { describe, expect, it } from "vitest";
import { newCall, withDevice, withoutDevices } from "../../../server/calls/call_record.ts";
import type { CallDevice, CallRecord } from "../../../server/calls/call_record.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId, SessionId, TabId, UserId } from "../../../shared/ids.ts";
import { VIDEO } from "../../support/call_kit.ts";

const SFU_MAX_COUNT = 50;
const TOOK_PART_MAX_COUNT = 200;
const REMOVED_MAX_COUNT = 24;

function emptyCall(): CallRecord {
  const startedAt = new Date(0).toISOString();
  const startedBy = newId<UserId>();
  return newCall({ callId: newId<CallId>(), startedBy, startedAt, purpose: "talk", isDirect: false });
}

function newDevice(): CallDevice {
  const [userId, sessionId] = [newId<UserId>(), newId<SessionId>()];
  return { userId, accountId: userId, key: sessionId, sessionId, tokenId: null, tabId: newId<TabId>() };
}

function join(call: CallRecord, device = newDevice()): CallRecord {
  return withDevice(call, device, { media: VIDEO, participantId: newId<ParticipantId>(), hasSfu: true });
}

describe("the record of a call", () => {
  it("holds 50 devices through an SFU, and lets one of them change its tab", () => {
    const last = newDevice();
    let call = emptyCall();
    for (let count = 1; count < SFU_MAX_COUNT; count++) call = join(call);
    call = join(call, last);
    expect([call.topology, call.participants.length]).toEqual(["sfu", SFU_MAX_COUNT]);
    expect(() => join(call)).toThrow("This call is full");
    const moved = join(call, { ...last, tabId: newId<TabId>() });
    expect(moved.participants.length).toBe(SFU_MAX_COUNT);
  });

  it("names 200 people who took part, and the last 24 devices that were removed", () => {
    let call = emptyCall();
    const removed: ParticipantId[] = [];
    for (let count = 0; count <= TOOK_PART_MAX_COUNT; count++) {
      call = join(call);
      removed.push(...call.participants.map(({ participantId }) => participantId));
      call = withoutDevices(call, () => true, "failed");
    }
    expect(new Set(call.tookPart).size).toBe(TOOK_PART_MAX_COUNT);
    expect(call.removed.map(({ participantId }) => participantId)).toEqual(removed.slice(-REMOVED_MAX_COUNT));
  });
});
