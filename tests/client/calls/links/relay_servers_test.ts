import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RelayServers } from "../../../../client/calls/links/relay_servers.ts";
import { AppError } from "../../../../shared/errors.ts";

/** The part of a connection that is listened to. */
class FoundCandidates extends EventTarget {
  iceGatheringState = "new";

  gather(): void {
    this.iceGatheringState = "gathering";
    this.dispatchEvent(new Event("icegatheringstatechange"));
  }

  find(type: string): void {
    this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate: { type } }));
  }

  fail(errorCode: number, url = "turn:relay.example:3478"): void {
    this.dispatchEvent(Object.assign(new Event("icecandidateerror"), { errorCode, url }));
  }
}

const RELAYS = [{ urls: ["turn:relay.example:3478"], username: "until:ana", credential: "secret" }];

function open({ iceServers = RELAYS, isAway = false, isLimited = false } = {}) {
  let readCount = 0;
  const servers = new RelayServers({
    now: () => Date.now(),
    read: () => {
      readCount++;
      if (isLimited) {
        return Promise.reject(new AppError("rate_limited", "Too many requests", { retryAfterMs: 60_000 }));
      }
      if (isAway) return Promise.reject(new Error("No answer"));
      return Promise.resolve({
        iceServers,
        expiresAt: iceServers === RELAYS ? "2026-11-02T09:10:00.000Z" : null,
      });
    },
  });
  const found = new FoundCandidates();
  const stop = servers.watch(found as unknown as RTCPeerConnection);
  return { servers, found, stop, reads: () => readCount };
}

describe("RelayServers", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("are asked for once, and again when less than two minutes of their credentials are left", async () => {
    const { servers, reads } = open();
    expect(await Promise.all([servers.current(1_500), servers.current(1_500)])).toEqual([RELAYS, RELAYS]);
    await vi.advanceTimersByTimeAsync(8 * 60_000 - 1);
    await servers.current(1_500);
    expect(reads()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await servers.current(1_500);
    expect(reads()).toBe(2);
  });

  it("without credentials are asked for once", async () => {
    const { servers, reads } = open({ iceServers: [] });
    await servers.current(1_500);
    await vi.advanceTimersByTimeAsync(3_600_000);
    await servers.current(1_500);
    expect(reads()).toBe(1);
  });

  it("are done without if the server does not answer", async () => {
    expect(await open({ isAway: true }).servers.current(1_500)).toEqual([]);
  });

  it("are asked for no sooner than the server allows", async () => {
    const { servers, reads } = open({ isLimited: true });
    for (let second = 0; second < 59; second++) {
      await servers.current(0);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(reads()).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await servers.current(0);
    expect(reads()).toBe(2);
  });

  it("that refuse the credentials get fresh ones, but not all the time", async () => {
    const { servers, found, reads } = open();
    await servers.current(1_500);
    found.fail(701);
    expect(servers.trouble.value).toBe(null);
    found.fail(401);
    expect(servers.trouble.value).toBe("refused");
    await servers.current(1_500);
    expect(reads()).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    await servers.current(1_500);
    expect(reads()).toBe(2);
    found.find("relay");
    expect(servers.trouble.value).toBe(null);
  });

  it("that do not answer within 5 s are unreachable, unless nobody needs to know any more", async () => {
    const { servers, found, stop } = open();
    await servers.current(1_500);
    found.gather();
    found.find("host");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(servers.trouble.value).toBe("unreachable");
    found.find("relay");
    expect(servers.trouble.value).toBe(null);
    found.gather();
    stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(servers.trouble.value).toBe(null);
  });

  it("that refuse are no trouble once another one has given a candidate", async () => {
    const { servers, found } = open();
    await servers.current(1_500);
    found.gather();
    found.find("relay");
    found.fail(486);
    expect(servers.trouble.value).toBe(null);
    found.gather();
    found.fail(486);
    expect(servers.trouble.value).toBe("refused");
  });

  it("that do not exist are no trouble", async () => {
    const { servers, found } = open({ iceServers: [] });
    await servers.current(1_500);
    found.gather();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(servers.trouble.value).toBe(null);
  });
});
