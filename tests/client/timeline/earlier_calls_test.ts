import { describe, expect, it } from "vitest";
import { whereCallsMayBe } from "../../../client/timeline/earlier_calls.ts";
import { messageAt } from "./room_kit.ts";

const EPOCH = "e1";
const pageOf = (offsets: readonly number[], head: number, hasNewer = false) => ({
  messages: offsets.map((offset) => messageAt(offset)),
  hasOlder: (offsets[0] ?? 1) > 100,
  hasNewer,
  position: `${EPOCH}.${head}`,
});
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);

describe("whereCallsMayBe()", () => {
  it("asks nothing where only messages were sent", () => {
    expect(whereCallsMayBe(pageOf(upTo(5), 5))).toBeNull();
    expect(whereCallsMayBe(pageOf(upTo(50, 101), 150))).toBeNull();
    expect(whereCallsMayBe(pageOf([], 0))).toBeNull();
  });

  it("asks from the beginning of a young room", () => {
    expect(whereCallsMayBe(pageOf([2, 3], 5))).toBe(`${EPOCH}.0`);
    expect(whereCallsMayBe(pageOf([], 3))).toBe(`${EPOCH}.0`);
  });

  it("asks from the first message of a page, however many there are after a call", () => {
    expect(whereCallsMayBe(pageOf(upTo(50, 101), 152))).toBe(`${EPOCH}.101`);
    expect(whereCallsMayBe(pageOf([...upTo(20, 101), ...upTo(29, 122)], 150))).toBe(`${EPOCH}.101`);
  });

  it("asks for what happened last only", () => {
    // What happened before was seen, or is too old.
    expect(whereCallsMayBe(pageOf([1, ...upTo(100, 200)], 299))).toBeNull();
    expect(whereCallsMayBe(pageOf([1, 2], 900))).toBe(`${EPOCH}.800`);
  });

  it("asks nothing in the middle of a room", () => {
    expect(whereCallsMayBe(pageOf([2, 3], 9, true))).toBeNull();
  });
});
