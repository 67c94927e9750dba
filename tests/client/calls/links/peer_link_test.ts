import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NO_TRACKS } from "../../../../client/calls/call_parts.ts";
import { Connection } from "../../../../client/calls/links/connection.ts";
import { PeerLink } from "../../../../client/calls/links/peer_link.ts";
import type { OwnLinkEvent } from "../../../../client/calls/links/peer_link.ts";
import type { Media } from "../../../../shared/call/call_types.ts";
import { newId } from "../../../../shared/ids.ts";
import type { ParticipantId, UserId } from "../../../../shared/ids.ts";
import { waitFor } from "../../../support/wait.ts";
// Loaded before, so that no time passes while it is.
import "../../../../client/calls/links/link_watch.ts";

const MEDIA: Media = { mic: true, cam: false, screen: false, screenAudio: false };
/** From then on nothing passes. */
const DEAD_AT = 2_250;
const EPOCH = 1;

const RELAYS = ["turn:a.test:3478?transport=udp", "turn:b.test:3478?transport=udp"] as const;

let readings = 0;
/** The servers with which the connection was configured again. */
let configured: unknown[] = [];
/** What the data channels of the connection do with a message. */
let channels: { onmessage?: (event: { data: string }) => void }[] = [];

/** The counters of a path that carries a packet each 20 ms and a check each second, until it is dead. */
class FakeConnection {
  readonly connectionState = "connected";

  createDataChannel(): object {
    const channel = {};
    channels.push(channel);
    return channel;
  }

  getTransceivers(): unknown[] {
    return [];
  }

  getStats(): Promise<ReadonlyMap<string, unknown>> {
    readings++;
    const timestamp = Date.now();
    const last = Math.min(timestamp, DEAD_AT);
    const pair = {
      id: "pair",
      type: "candidate-pair",
      timestamp,
      lastPacketReceivedTimestamp: last - last % 20,
      bytesReceived: 100 * Math.floor(last / 20),
      requestsSent: Math.floor(timestamp / 1_000),
      responsesReceived: Math.floor(last / 1_000),
      localCandidateId: "local",
    };
    const local = { id: "local", type: "local-candidate", candidateType: "relay", url: RELAYS[0] };
    const transport = { id: "transport", type: "transport", selectedCandidatePairId: "pair" };
    return Promise.resolve(
      new Map<string, unknown>([["pair", pair], ["transport", transport], ["local", local]]),
    );
  }

  setConfiguration({ iceServers }: RTCConfiguration): void {
    configured.push(iceServers?.[0]);
  }

  close(): void {}
}

beforeEach(() => {
  readings = 0;
  configured = [];
  channels = [];
  vi.useFakeTimers({ now: 0 });
  vi.stubGlobal("RTCPeerConnection", FakeConnection);
  vi.stubGlobal("MediaStream", class {});
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Opens a link whose first connection exists, and notes when it reports what. */
async function openPeerLink() {
  const events: (readonly [at: number, type: string])[] = [];
  let asked = 0;
  const link = new PeerLink({
    participantId: newId<ParticipantId>(),
    userId: newId<UserId>(),
    takesMedia: true,
    tracks: signal(NO_TRACKS),
    plan: signal({} as never),
    servers: {
      current: () => Promise.resolve([{ urls: [...RELAYS], username: `user ${++asked}` }]),
      watch: () => () => {},
    } as never,
    isRelayOnly: () => false,
    certificate: Promise.resolve({} as RTCCertificate),
    told: () => MEDIA,
    report: ({ type }: OwnLinkEvent) => void events.push([Date.now(), type]),
    isHidden: () => false,
    now: () => Date.now(),
  });
  link.run({ type: "create", epoch: EPOCH, isOfferer: false });
  await waitFor(() => readings === 1 && vi.getTimerCount() === 1);
  const timesOf = (type: string) => events.filter((event) => event[1] === type).map(([at]) => at);
  return { link, timesOf };
}

describe("PeerLink", () => {
  it("tells by its counters that the path is dead, about a second after the last packet", async () => {
    const { link, timesOf } = await openPeerLink();
    await vi.advanceTimersByTimeAsync(DEAD_AT);
    expect(timesOf("beat")).toEqual([500, 1_000, 1_500, 2_000]);
    expect(timesOf("silent")).toEqual([]);
    expect(link.figures.peek()?.receivedBitsPerSecond).toBe(40_000);
    await vi.advanceTimersByTimeAsync(1_500);
    // What arrived after the last reading is heard of at the next.
    expect(timesOf("beat").at(-1)).toBe(2_500);
    expect(timesOf("silent")[0]).toBe(DEAD_AT + 1_150);
    link.close();
    const before = readings;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([readings, vi.getTimerCount()]).toEqual([before, 0]);
  });

  it("does not while beats arrive", async () => {
    const { link, timesOf } = await openPeerLink();
    for (let at = 0; at < 10_000; at += 500) {
      await vi.advanceTimersByTimeAsync(500);
      channels[0]?.onmessage?.({ data: "visible" });
    }
    expect(timesOf("silent")).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(timesOf("silent").length).toBeGreaterThan(0);
    link.close();
  });

  it("restarts by another relay than the one in use, if nothing arrives by that", async () => {
    const { link, timesOf } = await openPeerLink();
    await vi.advanceTimersByTimeAsync(1_000);
    link.run({ type: "renew" });
    await vi.advanceTimersByTimeAsync(0);
    expect(timesOf("renewed").length).toBe(1);
    expect(configured).toEqual([{ urls: RELAYS, username: "user 2" }]);
    await vi.advanceTimersByTimeAsync(DEAD_AT);
    link.run({ type: "renew" });
    await vi.advanceTimersByTimeAsync(0);
    // Also when the peer has noticed it first, and offers.
    link.run({ type: "take_offer", epoch: EPOCH, sdp: "" });
    const others = { urls: RELAYS.toReversed(), username: "user 3" };
    expect(configured.slice(1)).toEqual([others, others]);
    link.close();
  });

  it("limits its senders again and again, since cameras change their size by themselves", async () => {
    const setPlan = vi.spyOn(Connection.prototype, "setPlan");
    const { link } = await openPeerLink();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(setPlan.mock.calls.length).toBeGreaterThanOrEqual(5);
    setPlan.mockRestore();
    link.close();
  });
});
