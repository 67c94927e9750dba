import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildRows, reuseRows } from "../../../client/timeline/grouping.ts";
import type { MessageRow, RowSources, SystemEvent, TimelineRow } from "../../../client/timeline/grouping.ts";
import type { UserId } from "../../../shared/ids.ts";
import type { Message } from "../../../shared/message.ts";
import { ANA, BEN, messageAt } from "./room_kit.ts";

const NOON = Date.UTC(2026, 10, 2, 12);

function at(minutes: number): string {
  return new Date(NOON + minutes * 60_000).toISOString();
}

function rowsOf(messages: readonly Message[], sources: Partial<RowSources> = {}): TimelineRow[] {
  return buildRows({
    messages,
    hasOlder: false,
    hasNewer: false,
    systems: [],
    holes: [],
    pending: [],
    divider: null,
    me: ANA,
    dayOf: (time) => time.slice(0, 10),
    ...sources,
  });
}

function shapeOf(rows: readonly TimelineRow[]): string[] {
  return rows.map((row) =>
    row.kind === "message" ? `${row.isFirst ? "first" : "more"} ${row.message.offset}` : row.key
  );
}

describe("buildRows()", () => {
  it("groups the same author within five minutes", () => {
    const rows = rowsOf([
      messageAt(1, { at: at(0) }),
      messageAt(2, { at: at(5) }),
      messageAt(3, { at: at(10.1) }),
      messageAt(4, { at: at(10.2), by: ANA }),
      messageAt(5, { at: at(10.3) }),
    ]);
    expect(shapeOf(rows)).toEqual(["day:2026-11-02", "first 1", "more 2", "first 3", "first 4", "first 5"]);
  });

  it("starts a group at a reply and goes on after it", () => {
    const rows = rowsOf([
      messageAt(1, { at: at(0) }),
      messageAt(2, { at: at(1), replyTo: 1 }),
      messageAt(3, { at: at(2) }),
    ]);
    expect(shapeOf(rows).slice(1)).toEqual(["first 1", "first 2", "more 3"]);
  });

  it("starts a group on a new day of the viewer", () => {
    const midnight = 12 * 60;
    const rows = rowsOf([messageAt(1, { at: at(midnight - 1) }), messageAt(2, { at: at(midnight + 1) })]);
    expect(shapeOf(rows)).toEqual(["day:2026-11-02", "first 1", "day:2026-11-03", "first 2"]);
  });

  it("shows no day above the first message while older ones may be of the same day", () => {
    expect(shapeOf(rowsOf([messageAt(7)], { hasOlder: true }))).toEqual(["first 7"]);
  });

  it("puts the divider before the first unread message of somebody else", () => {
    const messages = [messageAt(1), messageAt(2, { by: ANA }), messageAt(3), messageAt(4)];
    const rows = rowsOf(messages, { divider: { after: 1, count: 2 } });
    expect(shapeOf(rows).slice(1)).toEqual(["first 1", "first 2", "unread", "first 3", "more 4"]);
  });

  it("shows no divider while the place where it belongs is not loaded", () => {
    const rows = rowsOf([messageAt(10), messageAt(11)], { hasOlder: true, divider: { after: 4, count: 9 } });
    expect(shapeOf(rows)).toEqual(["first 10", "more 11"]);
  });

  it("shows a hole where events are missing, and groups nothing over it", () => {
    const rows = rowsOf([messageAt(1), messageAt(5)], { holes: [{ from: 2, to: 4 }] });
    expect(shapeOf(rows).slice(1)).toEqual(["first 1", "gap:2", "first 5"]);
  });

  it("puts system lines at their place, none outside of what is loaded", () => {
    const joined = (offset: number) =>
      ({ offset, at: at(0), by: BEN, type: "member_joined", userId: BEN, role: "member" }) as const;
    const rows = rowsOf([messageAt(3), messageAt(5)], {
      hasOlder: true,
      hasNewer: true,
      systems: [joined(2), joined(4), joined(6)],
    });
    expect(shapeOf(rows)).toEqual(["first 3", "system:4", "first 5"]);
  });

  it("keeps the key of a pending message when it is kept, and never shows it twice", () => {
    const pending = {
      message: messageAt(9_999, { by: ANA, clientMessageId: "x" }),
      problem: null,
    };
    const waiting = rowsOf([messageAt(1)], { pending: [pending] }).at(-1) as MessageRow;
    expect(waiting).toMatchObject({ state: "waiting", offset: null });
    const rows = rowsOf([messageAt(1), messageAt(2, { by: ANA, clientMessageId: "x" })], {
      pending: [pending],
    });
    expect(rows.at(-1)).toMatchObject({ key: waiting.key, state: "kept", offset: 2 });
    expect(rows.filter((row) => row.key === waiting.key)).toHaveLength(1);
  });

  it("groups a pending message although the own clock is behind", () => {
    const pending = { message: messageAt(9, { by: ANA, at: at(-30), clientMessageId: "x" }), problem: null };
    const rows = rowsOf([messageAt(1, { by: ANA, at: at(0) })], { pending: [pending] });
    expect(rows.at(-1)).toMatchObject({ isFirst: false, state: "waiting" });
  });

  it("gives every row a key of its own", () => {
    const time = fc.integer({ min: -3_000, max: 3_000 });
    fc.assert(fc.property(fc.array(time, { maxLength: 60 }), (times) => {
      const rows = rowsOf(times.map((minutes, index) => messageAt(index + 1, { at: at(minutes) })));
      expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
    }));
  });
});

describe("reuseRows()", () => {
  it("keeps the objects of rows that look the same", () => {
    const messages = [messageAt(1), messageAt(2)];
    const before = rowsOf(messages);
    const after = reuseRows(before, rowsOf([...messages, messageAt(3)]));
    expect(after[1]).toBe(before[1]);
    expect(after[2]).toBe(before[2]);
    const edited = reuseRows(after, rowsOf([messageAt(1, { text: "edited" }), messageAt(2), messageAt(3)]));
    expect(edited[1]).not.toBe(before[1]);
  });
});

describe("a call", () => {
  const systemAt = (offset: number, type: string, callId = "c") =>
    ({ offset, at: at(offset), by: ANA, type, callId }) as unknown as SystemEvent;
  const endsOf = (rows: readonly TimelineRow[]) =>
    rows.flatMap((row) => row.kind === "system" ? [[row.event.offset, row.end?.offset ?? null]] : []);

  it("has one row, where it started", () => {
    const systems = [
      systemAt(2, "call_started"),
      systemAt(4, "call_ended"),
      systemAt(5, "call_started", "d"),
    ];
    const rows = rowsOf([messageAt(1), messageAt(3)], { systems });
    expect(shapeOf(rows).slice(1)).toEqual(["first 1", "system:2", "first 3", "system:5"]);
    expect(endsOf(rows)).toEqual([[2, 4], [5, null]]);
  });

  it("that somebody missed has the divider, for them only", () => {
    const systems = [
      systemAt(2, "call_started"),
      { ...systemAt(3, "call_ended"), by: "cy", rang: [BEN] } as unknown as SystemEvent,
    ];
    const rowsFor = (me: UserId) =>
      shapeOf(rowsOf([messageAt(1)], { systems, me, divider: { after: 1, count: 1 } })).slice(1);
    expect(rowsFor(BEN)).toEqual(["first 1", "unread", "system:2"]);
    expect(rowsFor(ANA)).toEqual(["first 1", "system:2"]);
  });

  it("is shown at its end if its start is not known", () => {
    expect(endsOf(rowsOf([messageAt(1)], { systems: [systemAt(2, "call_ended")] }))).toEqual([[2, null]]);
  });

  it("keeps its row while other things happen, and gets another when it ends", () => {
    const started = [systemAt(2, "call_started")];
    const before = rowsOf([messageAt(1)], { systems: started });
    const rowOf = (rows: readonly TimelineRow[]) => rows.find((row) => row.kind === "system");
    const later = reuseRows(before, rowsOf([messageAt(1), messageAt(3)], { systems: started }));
    expect(rowOf(later)).toBe(rowOf(before));
    const ended = reuseRows(
      later,
      rowsOf([messageAt(1)], { systems: [...started, systemAt(4, "call_ended")] }),
    );
    expect(rowOf(ended)).not.toBe(rowOf(before));
  });
});
