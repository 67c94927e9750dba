import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SignalQueue } from "../../../../client/calls/links/signal_queue.ts";
import { AppError } from "../../../../shared/errors.ts";
import type { OutgoingSignal } from "../../../../shared/call/call_types.ts";
import { newId } from "../../../../shared/ids.ts";
import type { CallId, ParticipantId } from "../../../../shared/ids.ts";

const [callId, to] = [newId<CallId>(), newId<ParticipantId>()];
const signalOf = (epoch: number, seq: number): OutgoingSignal => {
  return { callId, to, epoch, seq, kind: "candidates", payload: "{}" };
};

/** A queue whose server answers when told to. */
function open() {
  const sent: string[] = [];
  let emptiedCount = 0;
  const answers: { resolve: (value: null) => void; reject: (error: unknown) => void }[] = [];
  const queue = new SignalQueue(
    ({ epoch, seq }) => {
      sent.push(`${epoch}/${seq}`);
      const { promise, resolve, reject } = Promise.withResolvers<null>();
      answers.push({ resolve, reject });
      return promise;
    },
    () => Date.now(),
    () => emptiedCount += 1,
  );
  const answer = async (error?: unknown) => {
    const next = answers.shift();
    if (error === undefined) next?.resolve(null);
    else next?.reject(error);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { queue, sent, answer, emptied: () => emptiedCount };
}

describe("SignalQueue", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("sends one signal after another", async () => {
    const { queue, sent, answer } = open();
    for (const seq of [0, 1, 2]) queue.add(signalOf(5, seq));
    expect(sent).toEqual(["5/0"]);
    await answer();
    await answer();
    await answer();
    expect(sent).toEqual(["5/0", "5/1", "5/2"]);
  });

  it("says when nothing waits any more", async () => {
    const { queue, sent, answer, emptied } = open();
    for (const seq of [0, 1]) queue.add(signalOf(5, seq));
    await answer();
    expect(emptied()).toBe(0);
    await answer();
    expect(emptied()).toBe(1);
    queue.add(signalOf(5, 2));
    await answer();
    expect([emptied(), sent.length]).toEqual([2, 3]);
  });

  it("sends again what got no answer, before the next, but not what was refused", async () => {
    const { queue, sent, answer } = open();
    for (const seq of [0, 1]) queue.add(signalOf(5, seq));
    await answer(new Error("The connection was lost"));
    await vi.advanceTimersByTimeAsync(300);
    expect(sent).toEqual(["5/0", "5/0"]);
    await answer(new AppError("not_in_call", "Not in this call"));
    expect(sent).toEqual(["5/0", "5/0", "5/1"]);
  });

  it("forgets earlier epochs, and what is too old for an answer", async () => {
    const { queue, sent, answer } = open();
    for (const seq of [0, 1]) queue.add(signalOf(5, seq));
    queue.add(signalOf(6, 0));
    await answer();
    expect(sent).toEqual(["5/0", "6/0"]);
    queue.add(signalOf(6, 1));
    await vi.advanceTimersByTimeAsync(6_001);
    await answer(new Error("The connection was lost"));
    await vi.advanceTimersByTimeAsync(300);
    expect(sent).toEqual(["5/0", "6/0"]);
  });

  it("sends what waits when it ends, and nothing again", async () => {
    const { queue, sent, answer } = open();
    for (const seq of [0, 1]) queue.add(signalOf(5, seq));
    queue.end();
    await answer(new Error("The connection was lost"));
    expect(sent).toEqual(["5/0", "5/1"]);
  });
});
