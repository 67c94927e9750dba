import { describe, expect, it } from "vitest";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { defineSignal, listSignals } from "../../shared/signal.ts";
import { dispatchSignal, SIGNAL_KINDS, SIGNALS, toSignalChange } from "../../shared/signals.ts";
import type { SignalChange, SignalHandlers } from "../../shared/signals.ts";

const room = "dock000000000000" as RoomId;
const ana = "ana0000000000000" as UserId;

function listen(): { heard: unknown[]; handlers: SignalHandlers } {
  const heard: unknown[] = [];
  const handlers: SignalHandlers = {
    typing: (update, roomId) => void heard.push(["typing", roomId, update]),
    presence: (update) => void heard.push(["presence", update]),
  };
  return { heard, handlers };
}

describe("signals", () => {
  it("are listed under their names", () => {
    expect(SIGNAL_KINDS).toEqual(Object.values(SIGNALS).map(({ kind }) => kind));
  });

  it("of a room reach their handler unchanged, in the established wire format", () => {
    const { heard, handlers } = listen();
    const change = toSignalChange(SIGNALS.typing, room, { userId: ana, isTyping: true });
    expect(change).toEqual({ type: "typing", roomId: room, userId: ana, isTyping: true });
    dispatchSignal(change, handlers);
    expect(heard).toEqual([["typing", room, { userId: ana, isTyping: true }]]);
  });

  it("of a person reach their handler unchanged, in the established wire format", () => {
    const { heard, handlers } = listen();
    const update = { type: "diff", states: [] } as const;
    const change = toSignalChange(SIGNALS.presence, null, update);
    expect(change).toEqual({ type: "presence", update });
    dispatchSignal(change, handlers);
    expect(heard).toEqual([["presence", update]]);
  });

  it("of a room may have a field named like the one that holds a person's update", () => {
    const { heard, handlers } = listen();
    const change = { type: "typing", roomId: room, userId: ana, isTyping: true, update: 2 } as const;
    dispatchSignal(change, handlers);
    expect(heard).toEqual([["typing", room, { userId: ana, isTyping: true, update: 2 }]]);
  });

  it("are refused under a name that clients would not find", () => {
    const handRaised = defineSignal<{ readonly isRaised: boolean }>({
      kind: "hand_raised",
      audience: "room",
    });
    expect(() => listSignals({ handRaised })).toThrow('"hand_raised" as "handRaised"');
    expect(listSignals({ hand_raised: handRaised })).toEqual({ hand_raised: handRaised });
  });

  it("are refused by the compiler if their value cannot be delivered", () => {
    // @ts-expect-error -- nobody is left out without a `userId`
    defineSignal<{ readonly isRaised: boolean }>({ kind: "raised", audience: "room", exceptOwn: true });
    // @ts-expect-error -- `type` is the kind on the wire
    defineSignal<{ readonly type: string }>({ kind: "raised", audience: "room" });
    // @ts-expect-error -- `type` is the kind between instances
    defineSignal<{ readonly type: string }>({ kind: "raised", audience: "instances" });
    // @ts-expect-error -- a person's signals are for all devices of that person
    defineSignal<{ readonly userId: UserId }>({ kind: "raised", audience: "person", exceptOwn: true });
  });

  it("that only a newer server knows are ignored", () => {
    const { heard, handlers } = listen();
    for (const type of ["newer", "toString", "__proto__"]) {
      dispatchSignal({ type, update: {} } as unknown as SignalChange, handlers);
    }
    expect(heard).toEqual([]);
  });
});
