import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_INBOX, GAP_MS, receive, skipGap } from "../../../shared/call/signal_inbox.ts";
import type { LinkSignal, SignalInbox } from "../../../shared/call/signal_inbox.ts";

function signal(seq: number, { epoch = 1, id = "peer" } = {}): LinkSignal {
  return { epoch, seq, message: { kind: "bye", id } };
}

/** The numbers of the signals that are handled, in order. */
function handled(signals: readonly LinkSignal[], inbox: SignalInbox = EMPTY_INBOX): number[] {
  const numbers: number[] = [];
  for (const one of signals) {
    const received = receive(inbox, one, 0);
    ({ inbox } = received);
    numbers.push(...received.ready.map(({ seq }) => seq));
  }
  return numbers;
}

describe("receive()", () => {
  it("hands out each signal once and in order, however they arrive", () => {
    const arrivals = fc.nat({ max: 20 }).chain((count) => {
      const once = Array.from({ length: count }, (_, seq) => seq);
      const twice = fc.shuffledSubarray([...once, ...once], { minLength: count * 2, maxLength: count * 2 });
      return fc.tuple(fc.constant(once), twice);
    });
    fc.assert(fc.property(arrivals, ([once, arriving]) => {
      expect(handled(arriving.map((seq) => signal(seq)))).toEqual(once);
    }));
  });

  it("begins anew with a higher epoch, and hands out those of lower ones as they come", () => {
    expect(handled([signal(0), signal(0, { epoch: 2 }), signal(5), signal(1, { epoch: 2 })])).toEqual([
      0,
      0,
      5,
      1,
    ]);
  });

  it("does not mix two runs in one epoch", () => {
    expect(handled([signal(0), signal(0, { id: "other" }), signal(1), signal(1)])).toEqual([0, 0, 1]);
  });

  it("holds no more than it has room for", () => {
    const many = Array.from({ length: 200 }, (_, index) => signal(index + 1));
    let inbox = EMPTY_INBOX;
    for (const one of many) ({ inbox } = receive(inbox, one, 0));
    expect(inbox.held).toHaveLength(64);
  });
});

describe("skipGap()", () => {
  it("goes on without a lost signal after a while, and drops it if it comes after all", () => {
    const { inbox } = receive(receive(EMPTY_INBOX, signal(0), 0).inbox, signal(2), 10);
    expect(skipGap(inbox, 10 + GAP_MS - 1).ready).toEqual([]);
    const skipped = skipGap(inbox, 10 + GAP_MS);
    expect(skipped.ready.map(({ seq }) => seq)).toEqual([2]);
    expect(skipped.inbox.skipAt).toBeNull();
    expect(receive(skipped.inbox, signal(1), 400).ready).toEqual([]);
  });
});
