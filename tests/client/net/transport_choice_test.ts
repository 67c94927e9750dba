import { describe, expect, it } from "vitest";
import { TransportChoice } from "../../../client/net/transport_choice.ts";

function setUp() {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const clock = { now: 1_000_000 };
  const make = () => new TransportChoice({ storage, now: () => clock.now });
  return { clock, make };
}

describe("TransportChoice", () => {
  it("gives WebSocket up after two blocked dials, or after one that got no answer", () => {
    const { make } = setUp();
    const refused = make();
    expect([refused.socketBlocked(false), refused.socketBlocked(false)]).toEqual([false, true]);
    expect(make().socketBlocked(true)).toBe(true);
  });

  it("is slower to give up what has worked before", () => {
    const choice = setUp().make();
    choice.socketOpened();
    expect([1, 2, 3, 4].map(() => choice.socketBlocked(false))).toEqual([false, false, false, true]);
  });

  it("remembers the choice for the tab, and not for ever", () => {
    const { make, clock } = setUp();
    expect(make().first()).toBe("websocket");
    make().socketBlocked(true);
    expect(make().first()).toBe("sse");
    make().streamsBlocked();
    expect(make().first()).toBe("polling");
    clock.now += 16 * 60_000;
    expect(make().first()).toBe("websocket");
  });

  it("forgets the choice once a WebSocket opens", () => {
    const { make } = setUp();
    const choice = make();
    choice.socketBlocked(true);
    choice.socketOpened();
    expect(make().first()).toBe("websocket");
  });

  it("tries WebSocket again more and more rarely, soon when the network changes", () => {
    const choice = setUp().make();
    expect([1, 2, 3, 4, 5, 6].map(() => choice.nextRetryMs() / 60_000)).toEqual([1, 2, 4, 8, 10, 10]);
    choice.networkChanged();
    expect(choice.nextRetryMs()).toBe(60_000);
  });

  it("works where the browser forbids storage", () => {
    const storage = {
      getItem: () => {
        throw new Error("Denied");
      },
      setItem: () => {
        throw new Error("Denied");
      },
      removeItem: () => {
        throw new Error("Denied");
      },
    };
    const choice = new TransportChoice({ storage, now: Date.now });
    expect(choice.first()).toBe("websocket");
    expect(choice.socketBlocked(true)).toBe(true);
    choice.socketOpened();
  });
});
