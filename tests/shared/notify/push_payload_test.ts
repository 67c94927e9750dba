import { describe, expect, it } from "vitest";
import type { CallId, RoomId } from "../../../shared/ids.ts";
import { callTag, readPushPayload, roomTag } from "../../../shared/notify/push_payload.ts";
import type { PushPayload } from "../../../shared/notify/push_payload.ts";

const roomId = "r".repeat(16) as RoomId;
const callId = "c".repeat(16) as CallId;
const common = { title: "Ana", body: "Hello", url: `/r/${roomId}/7`, close: [roomTag(roomId)] };

const unread = { ownCount: 2, hasMore: false };
const payloads: readonly PushPayload[] = [
  { ...common, kind: "message", tag: roomTag(roomId), sentAt: 1_000, isSilent: false, unread },
  {
    ...common,
    kind: "call",
    tag: callTag(callId),
    callId,
    roomId,
    sentAt: 1_000,
    until: 46_000,
    missed: "Missed call from Ana",
  },
  { ...common, kind: "callEnded", tag: callTag(callId), isMissed: true, unread },
  { ...common, kind: "test", tag: "test" },
];

describe("readPushPayload", () => {
  for (const payload of payloads) {
    it(`reads what is sent: ${payload.kind}`, () => {
      expect(readPushPayload(JSON.stringify(payload))).toEqual(payload);
    });

    it(`refuses one of which a field is missing or has another type: ${payload.kind}`, () => {
      for (const name of Object.keys(payload)) {
        const { [name as keyof PushPayload]: _, ...rest } = payload;
        expect(readPushPayload(JSON.stringify(rest)), name).toBeNull();
        expect(readPushPayload(JSON.stringify({ ...payload, [name]: null })), name).toBeNull();
      }
    });

    it(`takes fields that a newer build has added: ${payload.kind}`, () => {
      expect(readPushPayload(JSON.stringify({ ...payload, later: 1 }))).toMatchObject({ kind: payload.kind });
    });
  }

  it("refuses what is no payload", () => {
    for (const text of ["", "{", "null", "7", "[]", '"text"', '{"kind":"poll"}']) {
      expect(readPushPayload(text), text).toBeNull();
    }
  });

  it("refuses addresses of other servers", () => {
    for (const url of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", ""]) {
      expect(readPushPayload(JSON.stringify({ ...payloads[0], url })), url).toBeNull();
    }
  });
});
