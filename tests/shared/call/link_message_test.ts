import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CANDIDATES_MAX_COUNT, encodeMessage, parseMessage } from "../../../shared/call/link_message.ts";
import type { LinkMessage } from "../../../shared/call/link_message.ts";
import type { CallSignalKind } from "../../../shared/call/call_types.ts";
import { SIGNAL_MAX_BYTES } from "../../../shared/call/call_limits.ts";

const KINDS: readonly CallSignalKind[] = ["offer", "answer", "candidates", "restart", "bye"];
const id = fc.string({ minLength: 1, maxLength: 32 });
const text = fc.string({ unit: "binary", maxLength: 200 });
const candidate = fc.record({
  candidate: text,
  sdpMid: fc.option(text),
  sdpMLineIndex: fc.option(fc.nat()),
  usernameFragment: fc.option(text),
}, { noNullPrototype: true });
const anyMessage: fc.Arbitrary<LinkMessage> = fc.oneof(
  fc.record({ kind: fc.constant("offer" as const), id, offer: fc.nat(), sdp: text, isRestart: fc.boolean() }),
  fc.record({ kind: fc.constant("answer" as const), id, to: id, offer: fc.nat(), sdp: text }),
  fc.record({
    kind: fc.constant("candidates" as const),
    id,
    candidates: fc.array(candidate, { maxLength: CANDIDATES_MAX_COUNT }),
  }),
  fc.record({ kind: fc.constant("restart" as const), id, offer: fc.nat(), isRebuild: fc.boolean() }),
  fc.record({ kind: fc.constant("bye" as const), id }),
);

describe("encodeMessage()", () => {
  it("writes printable ASCII that parseMessage() reads back", () => {
    fc.assert(fc.property(anyMessage, (message) => {
      const payload = encodeMessage(message);
      expect(payload).toMatch(/^[ -~]*$/);
      expect(parseMessage(message.kind, payload)).toEqual({ ...message });
    }));
  });
});

describe("parseMessage()", () => {
  it("takes anything from a peer without failing", () => {
    fc.assert(fc.property(fc.constantFrom(...KINDS), fc.oneof(fc.string(), fc.json()), (kind, payload) => {
      const message = parseMessage(kind, payload);
      if (message !== null) expect(message.kind).toBe(kind);
    }));
  });

  it("refuses what is too large, or lacks a field", () => {
    const refused: [CallSignalKind, unknown][] = [
      ["bye", {}],
      ["bye", { id: "" }],
      ["bye", { id: "x".repeat(33) }],
      ["bye", { id: "a", padding: "x".repeat(SIGNAL_MAX_BYTES) }],
      ["offer", { id: "a", offer: 1 }],
      ["offer", { id: "a", offer: -1, sdp: "" }],
      ["answer", { id: "a", offer: 1, sdp: "" }],
      ["restart", { id: "a", offer: 0.5 }],
      ["candidates", { id: "a", candidates: [{}] }],
      ["candidates", { id: "a", candidates: [{ candidate: "x".repeat(513), sdpMid: null }] }],
      ["candidates", { id: "a", candidates: Array.from({ length: 33 }, () => ({})) }],
    ];
    for (const [kind, fields] of refused) expect(parseMessage(kind, JSON.stringify(fields))).toBeNull();
  });
});
