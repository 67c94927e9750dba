import { signal } from "@preact/signals";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { TypingUpdate } from "../../../shared/signals.ts";
import { AppError } from "../../../shared/errors.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { TYPING_PAUSE_MS, TYPING_REFRESH_MS, TYPING_TTL_MS } from "../../../shared/limits.ts";
import { describeTyping, TypingModel } from "../../../client/typing/typing_model.ts";
import type { Trpc } from "../../../client/net/trpc.ts";

const me = "me00000000000000" as UserId;
const ana = "ana0000000000000" as UserId;
const bo = "bo00000000000000" as UserId;
const dock = "dock000000000000" as RoomId;
const attic = "attic00000000000" as RoomId;

type Handlers = Parameters<Trpc["typing"]["onTyping"]["subscribe"]>[1];

/** A server that notes what it is told; `refusal` is thrown at the next call. */
class Server implements Pick<Trpc["typing"], "set" | "onTyping"> {
  readonly said: { roomId: RoomId; isTyping: boolean; at: number }[] = [];
  readonly open: { roomId: RoomId; handlers: Handlers }[] = [];
  refusal: Error | null = null;

  readonly set = {
    mutate: (input: { roomId: RoomId; isTyping: boolean }) => {
      this.said.push({ ...input, at: Date.now() });
      const refusal = this.refusal;
      this.refusal = null;
      return refusal === null ? Promise.resolve(null) : Promise.reject(refusal);
    },
  };

  readonly onTyping = {
    subscribe: ({ roomId }: { roomId: RoomId }, handlers: Handlers) => {
      const subscription = { roomId, handlers };
      this.open.push(subscription);
      return { unsubscribe: () => void this.open.splice(this.open.indexOf(subscription), 1) };
    },
  };

  words(): boolean[] {
    return this.said.map((one) => one.isTyping);
  }
}

function setup() {
  const server = new Server();
  const isConnected = signal(true);
  const subscribes = signal(true);
  const model = new TypingModel({ api: server, me, isConnected, subscribes });
  model.start();
  model.open(dock);
  onTestFinished(() => model[Symbol.dispose]());
  const hear = (update: TypingUpdate) => server.open[0]?.handlers.onData?.(update);
  return { server, model, isConnected, subscribes, hear };
}

async function type(model: TypingModel, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 200) {
    model.input(true);
    await vi.advanceTimersByTimeAsync(200);
  }
}

describe("TypingModel", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    onTestFinished(() => vi.useRealTimers());
  });

  describe("telling others", () => {
    it("TYP20 starts with the first key and says so again each 3 s while keys come", async () => {
      const { server, model } = setup();
      await type(model, 2 * TYPING_REFRESH_MS + 200);
      expect(server.words()).toEqual([true, true, true]);
      const [first, second] = server.said;
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(TYPING_REFRESH_MS);
    });

    it("TYP21 stops after a pause of 4 s, once", async () => {
      const { server, model } = setup();
      model.input(true);
      await vi.advanceTimersByTimeAsync(TYPING_PAUSE_MS - 1);
      expect(server.words()).toEqual([true]);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(server.words()).toEqual([true, false]);
    });

    it("TYP22 stops when the box is emptied or left, and when another room is opened", () => {
      for (const stop of ["empty", "blur", "room"] as const) {
        const { server, model } = setup();
        model.input(true);
        if (stop === "empty") model.input(false);
        else if (stop === "blur") model.blur();
        else model.open(attic);
        expect(server.said.map((one) => [one.roomId, one.isTyping])).toEqual([[dock, true], [dock, false]]);
      }
    });

    it("TYP23 is over when the message is sent, without a word: the server knows", async () => {
      const { server, model } = setup();
      model.input(true);
      model.sent();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(server.words()).toEqual([true]);
    });

    it("TYP24 says nothing for an empty box, and no stop without a start", () => {
      const { server, model } = setup();
      model.input(false);
      model.blur();
      expect(server.said).toEqual([]);
    });

    it("TYP25 never speaks faster than the server allows, however fast one writes", async () => {
      const { server, model } = setup();
      for (let count = 0; count < 60; count++) {
        model.input(true);
        await vi.advanceTimersByTimeAsync(250);
        model.input(false);
        await vi.advanceTimersByTimeAsync(250);
      }
      // 30 s at one a second, and six at once.
      expect(server.said.length).toBeLessThanOrEqual(36);
    });

    it("TYP26 starts the next message a little later by itself, if one goes on writing", async () => {
      const { server, model } = setup();
      model.input(true);
      model.sent();
      model.input(true);
      expect(server.words()).toEqual([true]);
      await vi.advanceTimersByTimeAsync(TYPING_REFRESH_MS);
      expect(server.words()).toEqual([true, true]);
    });

    it("TYP27 keeps quiet for as long as the server asks, and without a connection", async () => {
      const { server, model, isConnected } = setup();
      server.refusal = new AppError("rate_limited", "Too many requests", { retryAfterMs: 10_000 });
      await type(model, 9_000);
      expect(server.words()).toEqual([true]);
      await type(model, 3_000);
      expect(server.words()).toEqual([true, true]);
      isConnected.value = false;
      await type(model, 9_000);
      model.blur();
      expect(server.words()).toEqual([true, true]);
    });
  });

  describe("hearing of others", () => {
    it("TYP30 shows them in the order in which they began, refreshed or not", () => {
      const { model, hear } = setup();
      hear({ userId: ana, isTyping: true });
      hear({ userId: bo, isTyping: true });
      hear({ userId: ana, isTyping: true });
      expect(model.typers.value).toEqual([ana, bo]);
      hear({ userId: ana, isTyping: false });
      expect(model.typers.value).toEqual([bo]);
    });

    it("TYP31 drops who is not heard of for 6 s", async () => {
      const { model, hear } = setup();
      hear({ userId: ana, isTyping: true });
      await vi.advanceTimersByTimeAsync(TYPING_TTL_MS / 2);
      hear({ userId: bo, isTyping: true });
      await vi.advanceTimersByTimeAsync(TYPING_TTL_MS / 2 - 1);
      expect(model.typers.value).toEqual([ana, bo]);
      await vi.advanceTimersByTimeAsync(1);
      expect(model.typers.value).toEqual([bo]);
      await vi.advanceTimersByTimeAsync(TYPING_TTL_MS / 2);
      expect(model.typers.value).toEqual([]);
    });

    it("TYP32 never shows the person itself", () => {
      const { model, hear } = setup();
      hear({ userId: me, isTyping: true });
      expect(model.typers.value).toEqual([]);
    });

    it("TYP33 subscribes to the open room alone", () => {
      const { server, model } = setup();
      model.open(attic);
      expect(server.open.map((one) => one.roomId)).toEqual([attic]);
      model.open(null);
      expect(server.open).toEqual([]);
    });

    it("TYP34 leaves it to the stream of rooms where connections are few", () => {
      const { server, model, subscribes } = setup();
      subscribes.value = false;
      expect(server.open).toEqual([]);
      model.apply(dock, { userId: ana, isTyping: true });
      model.apply(attic, { userId: bo, isTyping: true });
      expect(model.typers.value).toEqual([ana]);
      expect(model.typersOf(attic)).toEqual([bo]);
    });

    it("TYP35 opens a public room again that it was put out of, but no room that is gone", async () => {
      const { server, model, hear } = setup();
      hear({ userId: ana, isTyping: true });
      server.open[0]?.handlers.onError?.(new AppError("membership_ended", "You left"));
      expect(model.typers.value).toEqual([]);
      const before = server.open[0];
      await vi.advanceTimersByTimeAsync(5_000);
      expect(server.open.length).toBe(1);
      expect(server.open[0]).not.toBe(before);
      const after = server.open[0];
      after?.handlers.onError?.(new AppError("not_found", "Gone"));
      await vi.advanceTimersByTimeAsync(60_000);
      expect(server.open[0]).toBe(after);
    });
  });
});

describe("describeTyping", () => {
  it("names one or two, and counts no further", () => {
    expect(describeTyping([])).toBe("");
    expect(describeTyping(["Ana"])).toBe("Ana is typing…");
    expect(describeTyping(["Ana", "Bo"])).toBe("Ana and Bo are typing…");
    expect(describeTyping(["Ana", "Bo", "Cleo"])).toBe("Several people are typing…");
  });
});
