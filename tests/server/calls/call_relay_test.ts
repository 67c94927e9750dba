import { describe, expect, it } from "vitest";
import { CallRelay } from "../../../server/calls/call_relay.ts";
import type { IncomingSignal } from "../../../shared/call/call_types.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId, SessionId, TabId, UserId } from "../../../shared/ids.ts";
import type { TabAddress } from "../../../shared/signal.ts";

interface Sent {
  readonly to: TabAddress;
  readonly signal: IncomingSignal;
}

describe("CallRelay", () => {
  it("CSIG8 remembers for each tab where 256 senders are, and forgets who was silent longest", () => {
    const to: TabAddress = { userId: newId<UserId>(), key: newId<SessionId>(), tabId: newId<TabId>() };
    const tab = {};
    const heard: ParticipantId[] = [];
    let hear: (sent: Sent) => void = () => {};
    const relay = new CallRelay({
      calls: null as never,
      feed: null as never,
      signals: { on: (_: unknown, handler: typeof hear) => (hear = handler, () => {}) } as never,
      listeners: {
        find: () => tab,
        deliver: (_: TabAddress, { from }: IncomingSignal) => void heard.push(from),
      } as never,
    });
    const callId = newId<CallId>();
    const isHeard = (from: ParticipantId, seq = 0) => {
      const before = heard.length;
      hear({ to, signal: { callId, from, epoch: 0, seq, kind: "offer", payload: "" } });
      return heard.length > before;
    };
    const senders = Array.from({ length: 257 }, () => newId<ParticipantId>());
    const [first, second] = senders as [ParticipantId, ParticipantId];
    expect(senders.slice(0, 256).filter((from) => !isHeard(from))).toEqual([]);
    expect(isHeard(second), "a second time").toBe(false);
    expect(isHeard(first, 1)).toBe(true);
    // One more takes the place of the second, who is now the one that was silent longest.
    expect(isHeard(senders[256] as ParticipantId)).toBe(true);
    expect(isHeard(first, 1)).toBe(false);
    expect(isHeard(second), "forgotten").toBe(true);
    relay.close();
  });
});
