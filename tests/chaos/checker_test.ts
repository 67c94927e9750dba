import { describe, expect, it } from "vitest";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { check } from "./checker.ts";
import { quietTimes } from "./check_delivery.ts";
import type { FinalMessage, FinalReadState, FinalRoom, FinalState } from "./final_state.ts";
import type { Completion, Delivery, Entry, Invocation } from "./history.ts";

const ROOM = "room" as RoomId;
const ANA = "ana" as UserId;

/** Writes a history by hand; each line takes a millisecond. */
class Script {
  readonly entries: Entry[] = [];
  #at = 0;
  #op = 0;

  /** Lets time pass. */
  wait(ms: number): this {
    this.#at += ms;
    return this;
  }

  invoke(name: Invocation["name"], fields: Partial<Invocation> = {}): number {
    const op = ++this.#op;
    this.entries.push({
      type: "invoke",
      at: ++this.#at,
      op,
      name,
      client: "Ana",
      person: ANA,
      roomId: ROOM,
      instance: "a",
      ...fields,
    });
    return op;
  }

  ok(op: number, fields: Partial<Completion> = {}): this {
    this.entries.push({ type: "ok", at: ++this.#at, op, ...fields });
    return this;
  }

  end(op: number, type: "fail" | "unknown", reason: string): this {
    this.entries.push({ type, at: ++this.#at, op, reason });
    return this;
  }

  sent(id: string, offset: number, fields: Partial<Invocation> = {}): this {
    return this.ok(this.invoke("send", { clientMessageId: id, text: id, ...fields }), { offset });
  }

  event(offset: number, event: string, fields: Partial<Delivery> = {}): this {
    const id = event === "message_sent" ? { by: ANA, clientMessageId: `m${offset}` } : {};
    this.entries.push({
      type: "event",
      at: ++this.#at,
      client: "Ben",
      roomId: ROOM,
      offset,
      event,
      ...id,
      ...fields,
    });
    return this;
  }

  fault(phase: "begin" | "end"): this {
    this.entries.push({ type: "fault", at: ++this.#at, fault: "kill", phase });
    return this;
  }
}

function message(offset: number, fields: Partial<FinalMessage> = {}): FinalMessage {
  const clientMessageId = `m${offset}`;
  return {
    offset,
    by: ANA,
    clientMessageId,
    text: clientMessageId,
    isDeleted: false,
    reactions: [],
    ...fields,
  };
}

/** A room in which all is well, but for what `fields` say. */
function roomWith(messages: readonly FinalMessage[], fields: Partial<FinalRoom> = {}): FinalState {
  const room: FinalRoom = {
    roomId: ROOM,
    head: { offset: messages.length, messageCount: messages.length },
    eventOffsets: messages.map((_, index) => index + 1),
    messages: messages.map((one, index) => ({ ...one, ordinal: index + 1 })),
    dedupes: messages.map(({ by, clientMessageId, offset }) => ({ by, clientMessageId, offset })),
    shown: { a: messages, b: messages },
    ...fields,
  };
  return { rooms: [room], readStates: [] };
}

function readState(fields: Partial<FinalReadState>): FinalReadState {
  return { person: ANA, roomId: ROOM, instance: "a", head: 2, readOffset: 0, unread: 2, ...fields };
}

function kindsOf(script: Script, final: FinalState): string[] {
  return check(script.entries, final).violations.map(({ kind }) => kind);
}

const two = () => new Script().sent("m1", 1).sent("m2", 2);
const both = [message(1), message(2)];

describe("the checker", () => {
  it("CHAOS1 reports nothing for a correct history", () => {
    const script = new Script().event(0, "subscribed").sent("m1", 1).event(1, "message_sent").sent("m2", 2)
      .event(2, "message_sent");
    const list = script.invoke("list", { instance: "b" });
    script.ok(list, { head: 2, offsets: [1, 2] });
    const since = script.invoke("since", { offset: 0 });
    script.ok(since, { head: 2, offsets: [1, 2] });
    // A repeat gets the first answer.
    script.sent("m1", 1);
    expect(kindsOf(script, roomWith(both))).toEqual([]);
  });

  it("CHAOS2 finds acknowledged messages that are missing", () => {
    const final = roomWith([message(1)]);
    expect(kindsOf(two(), final)).toEqual(["lost"]);
    expect(check(two().entries, final).violations[0]?.entries.map(({ type }) => type)).toEqual([
      "invoke",
      "ok",
    ]);
    const elsewhere = roomWith([message(1), message(2, { clientMessageId: "m9" })]);
    expect(kindsOf(two(), elsewhere)).toContain("lost");
  });

  it("CHAOS3 finds messages that are stored or acknowledged twice", () => {
    const doubled = roomWith([message(1), message(2), message(3, { clientMessageId: "m2", text: "m2" })]);
    expect(kindsOf(two(), doubled)).toContain("doubled");
    expect(kindsOf(two().sent("m2", 3), roomWith(both))).toEqual(["doubled"]);
  });

  it("CHAOS4 finds messages that nobody sent, or that were refused", () => {
    expect(kindsOf(two(), roomWith([...both, message(3)]))).toEqual(["unexpected"]);
    const refused = two();
    refused.end(refused.invoke("send", { clientMessageId: "m3", text: "m3" }), "fail", "rate_limited");
    expect(kindsOf(refused, roomWith([...both, message(3)]))).toEqual(["unexpected"]);
    // Without an answer it may be there or not.
    const unknown = two();
    unknown.end(unknown.invoke("send", { clientMessageId: "m3", text: "m3" }), "unknown", "fetch failed");
    expect(kindsOf(unknown, roomWith([...both, message(3)]))).toEqual([]);
    expect(kindsOf(unknown, roomWith(both))).toEqual([]);
    const strange = new Script().event(0, "subscribed").event(1, "message_sent");
    expect(kindsOf(strange, roomWith([]))).toEqual(["unexpected"]);
  });

  it("CHAOS5 finds a message ahead of one that was acknowledged before it was sent", () => {
    expect(kindsOf(new Script().sent("m2", 2).sent("m1", 1), roomWith(both))).toEqual(["reordered"]);
    const overlapping = new Script();
    const [later, first] = [1, 2].map((number) =>
      overlapping.invoke("send", { clientMessageId: `m${3 - number}`, text: `m${3 - number}` })
    ) as [number, number];
    overlapping.ok(later, { offset: 2 }).ok(first, { offset: 1 });
    expect(kindsOf(overlapping, roomWith(both))).toEqual([]);
  });

  it("CHAOS6 finds messages of a burst in another order", () => {
    const burst = (offsets: [number, number]) => {
      const script = new Script();
      const ops = [1, 2].map((number) =>
        script.invoke("send", { clientMessageId: `m${number}`, text: `m${number}`, burst: 1 })
      );
      for (const [index, op] of ops.entries()) script.ok(op, { offset: offsets[index] ?? 0 });
      return script;
    };
    expect(kindsOf(burst([1, 2]), roomWith(both))).toEqual([]);
    const swapped = [
      message(1, { clientMessageId: "m2", text: "m2" }),
      message(2, { clientMessageId: "m1", text: "m1" }),
    ];
    expect(kindsOf(burst([2, 1]), roomWith(swapped))).toEqual(["reordered"]);
  });

  it("CHAOS7 finds a hole, a repeat and a step back in a subscription, but allows a resync", () => {
    const begun = () => two().event(0, "subscribed").event(1, "message_sent");
    expect(kindsOf(begun().event(3, "reaction_changed"), roomWith(both))).toContain("lost");
    expect(kindsOf(begun().event(1, "message_sent").event(2, "message_sent"), roomWith(both)))
      .toEqual(["reordered"]);
    expect(kindsOf(begun().event(2, "subscribed"), roomWith(both))).toContain("lost");
    expect(kindsOf(begun().event(2, "resync_required"), roomWith(both))).toEqual([]);
  });

  it("CHAOS8 finds a subscriber that waits without a fault, and excuses one that waits for a fault to end", () => {
    const begun = () => new Script().event(0, "subscribed").sent("m1", 1);
    const final = roomWith([message(1)]);
    expect(kindsOf(begun().wait(6_000).event(1, "message_sent"), final)).toEqual(["late"]);
    expect(kindsOf(begun().fault("begin").wait(9_000).fault("end").event(1, "message_sent"), final)).toEqual(
      [],
    );
    // Never is too late, fault or not.
    expect(kindsOf(begun().fault("begin").fault("end"), final)).toEqual(["late"]);
    const calm = new Script().wait(100).fault("begin").wait(100).fault("end").wait(10_000).fault("begin");
    expect(quietTimes(calm.entries)).toEqual([[0, 101], [8_202, 10_203]]);
  });

  it("CHAOS9 finds a read that misses an earlier acknowledged message", () => {
    const reads: [Invocation["name"], Partial<Completion>][] = [
      ["list", { head: 1, offsets: [1] }],
      ["list", { head: 2, offsets: [1] }],
      ["since", { head: 1, offsets: [1] }],
    ];
    for (const [name, answer] of reads) {
      const script = two();
      script.ok(script.invoke(name, { instance: "b", offset: 0 }), answer);
      expect(kindsOf(script, roomWith(both))).toEqual(["stale"]);
    }
    const early = new Script().sent("m1", 1);
    const list = early.invoke("list");
    early.sent("m2", 2).ok(list, { head: 1, offsets: [1] });
    expect(kindsOf(early, roomWith(both))).toEqual([]);
    const holed = two();
    holed.ok(holed.invoke("since", { offset: 0 }), { head: 2, offsets: [2] });
    expect(kindsOf(holed, roomWith(both))).toEqual(["reordered"]);
  });

  it("CHAOS10 finds lost changes, and changes that nobody made", () => {
    const edited = two();
    edited.ok(edited.invoke("edit", { offset: 1, text: "new" }), { offset: 1 });
    const withText = (text: string) => roomWith([message(1, { text }), message(2)]);
    expect(kindsOf(edited, withText("new"))).toEqual([]);
    expect(kindsOf(edited, withText("m1"))).toEqual(["lost"]);
    expect(kindsOf(edited, withText("what"))).toEqual(["unexpected"]);
    const maybe = two();
    maybe.end(maybe.invoke("edit", { offset: 1, text: "new" }), "unknown", "fetch failed");
    for (const text of ["new", "m1"]) expect(kindsOf(maybe, withText(text))).toEqual([]);

    const deleted = two();
    deleted.ok(deleted.invoke("delete", { offset: 1 }), { offset: 1 });
    const tombstone = roomWith([message(1, { text: "", isDeleted: true }), message(2)]);
    expect(kindsOf(deleted, tombstone)).toEqual([]);
    expect(kindsOf(deleted, roomWith(both))).toEqual(["lost"]);
    expect(kindsOf(two(), tombstone)).toEqual(["unexpected"]);

    const reacted = two();
    reacted.ok(reacted.invoke("react", { offset: 1, emoji: "👍", on: true }), { offset: 1 });
    const withReaction = roomWith([message(1, { reactions: ["👍 ana"] }), message(2)]);
    expect(kindsOf(reacted, withReaction)).toEqual([]);
    expect(kindsOf(reacted, roomWith(both))).toEqual(["lost"]);
    expect(kindsOf(two(), withReaction)).toEqual(["unexpected"]);
  });

  it("CHAOS11 finds holes in the log, wrong counts, missing dedupe rows and instances that differ", () => {
    expect(kindsOf(two(), roomWith(both, { eventOffsets: [1, 3] }))).toEqual(["lost"]);
    expect(kindsOf(two(), roomWith(both, { head: { offset: 2, messageCount: 3 } }))).toEqual(["miscounted"]);
    expect(kindsOf(two(), roomWith(both, { head: { offset: 3, messageCount: 2 } }))).toEqual(["miscounted"]);
    expect(kindsOf(two(), roomWith(both, { dedupes: [] }))).toEqual(["miscounted"]);
    expect(kindsOf(two(), roomWith(both, { shown: { a: both, b: [message(1)] } }))).toEqual(["diverged"]);
  });

  it("CHAOS12 finds wrong unread counts and read marks that moved back", () => {
    const { rooms } = roomWith(both);
    const kinds = (state: Partial<FinalReadState>, script = two()) =>
      kindsOf(script, { rooms, readStates: [readState(state)] });
    expect(kinds({})).toEqual([]);
    expect(kinds({ readOffset: 1, unread: 1 })).toEqual([]);
    expect(kinds({ readOffset: 1, unread: 2 })).toEqual(["miscounted"]);
    expect(kinds({ head: 1 })).toEqual(["miscounted"]);
    const marked = two();
    marked.ok(marked.invoke("mark", { offset: 2 }));
    expect(kinds({ readOffset: 2, unread: 0 }, marked)).toEqual([]);
    expect(kinds({ readOffset: 1, unread: 1 }, marked)).toEqual(["lost"]);
  });

  it("CHAOS13 finds invalid answers, and requests without one", () => {
    const endings: [Parameters<Script["end"]>[1], string, string[]][] = [
      ["unknown", "fetch failed", []],
      ["unknown", "internal", ["complaint"]],
      ["fail", "rate_limited", []],
      ["fail", "unauthenticated", ["complaint"]],
    ];
    for (const [type, reason, kinds] of endings) {
      const script = two();
      script.end(script.invoke("list"), type, reason);
      expect(kindsOf(script, roomWith(both))).toEqual(kinds);
    }
    const open = two();
    open.invoke("list");
    expect(kindsOf(open, roomWith(both))).toEqual(["late"]);
  });
});
