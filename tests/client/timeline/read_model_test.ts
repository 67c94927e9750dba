import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MARK_INTERVAL_MS, ReadModel } from "../../../client/timeline/read_model.ts";

function setUp(isAttentive = true) {
  const attention = signal(isAttentive);
  const marks: [number, boolean][] = [];
  const model = new ReadModel({
    isAttentive: attention,
    markRead: (offset, isUnread) => marks.push([offset, isUnread]),
  });
  return { attention, marks, model };
}

const END = { isAtEnd: true, isDividerSeen: true };

describe("ReadModel", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("freezes the divider where the room was opened", () => {
    const { model, marks } = setUp();
    model.open({ readOffset: 5, unread: 3 });
    model.see({ lastOffset: 8, ...END });
    model.arrived(9);
    model.see({ lastOffset: 9, ...END });
    expect(model.divider.value).toEqual({ after: 5, count: 3 });
    expect(marks).toEqual([[8, false]]);
    model[Symbol.dispose]();
    expect(marks).toEqual([[8, false], [9, false]]);
  });

  it("shows no divider in a room that is read", () => {
    const { model } = setUp();
    model.open({ readOffset: 5, unread: 0 });
    expect(model.divider.value).toBeNull();
    model[Symbol.dispose]();
  });

  it("advances only when the divider was seen", () => {
    const { model, marks } = setUp();
    model.open({ readOffset: 5, unread: 30 });
    model.see({ lastOffset: 30, isAtEnd: true, isDividerSeen: false });
    expect(marks).toEqual([]);
    model.see({ lastOffset: 12, isAtEnd: false, isDividerSeen: true });
    model.see({ lastOffset: 30, isAtEnd: true, isDividerSeen: false });
    vi.advanceTimersByTime(MARK_INTERVAL_MS);
    expect(marks).toEqual([[12, false], [30, false]]);
    model[Symbol.dispose]();
  });

  it("advances only while somebody looks, and at once when they come back", () => {
    const { model, marks, attention } = setUp(false);
    model.open({ readOffset: 5, unread: 1 });
    model.see({ lastOffset: 6, ...END });
    expect(marks).toEqual([]);
    attention.value = true;
    expect(marks).toEqual([[6, false]]);
    model[Symbol.dispose]();
  });

  it("never goes back", () => {
    const { model, marks } = setUp();
    model.open({ readOffset: 5, unread: 0 });
    model.see({ lastOffset: 9, ...END });
    model.see({ lastOffset: 7, isAtEnd: false, isDividerSeen: true });
    vi.advanceTimersByTime(MARK_INTERVAL_MS * 3);
    expect(marks).toEqual([[9, false]]);
    model[Symbol.dispose]();
  });

  it("marks at most once in an interval, the latest last", () => {
    const { model, marks } = setUp();
    model.open({ readOffset: 0, unread: 0 });
    for (let offset = 1; offset <= 20; offset++) model.see({ lastOffset: offset, ...END });
    vi.advanceTimersByTime(MARK_INTERVAL_MS);
    expect(marks).toEqual([[1, false], [20, false]]);
    model[Symbol.dispose]();
  });

  it("starts a divider at the first message that comes while nobody looks, and counts on", () => {
    const { model, attention } = setUp();
    model.open({ readOffset: 5, unread: 0 });
    attention.value = false;
    model.arrived(6);
    model.arrived(7);
    expect(model.divider.value).toEqual({ after: 5, count: 2 });
    attention.value = true;
    model.see({ lastOffset: 7, ...END });
    attention.value = false;
    model.arrived(8);
    expect(model.divider.value).toEqual({ after: 7, count: 1 });
    model[Symbol.dispose]();
  });

  it("Esc reads everything and takes the divider away", () => {
    const { model, marks } = setUp();
    model.open({ readOffset: 5, unread: 3 });
    model.markAll(8);
    expect(model.divider.value).toBeNull();
    expect(marks).toEqual([[8, false]]);
    model[Symbol.dispose]();
  });

  it("unread from here holds until the room is opened again", () => {
    const { model, marks } = setUp();
    model.open({ readOffset: 9, unread: 0 });
    model.markUnreadFrom(7, 3);
    model.see({ lastOffset: 9, ...END });
    vi.advanceTimersByTime(MARK_INTERVAL_MS);
    expect(marks).toEqual([[6, true]]);
    expect(model.divider.value).toEqual({ after: 6, count: 3 });
    model.open({ readOffset: 6, unread: 3 });
    model.see({ lastOffset: 9, ...END });
    expect(marks).toEqual([[6, true], [9, false]]);
    model[Symbol.dispose]();
  });

  it("marks nothing in a room that is not one's own", () => {
    const { model, marks } = setUp();
    model.open(null);
    model.see({ lastOffset: 9, ...END });
    model.markAll(9);
    model.markUnreadFrom(3, 1);
    expect(marks).toEqual([]);
    model[Symbol.dispose]();
  });
});
