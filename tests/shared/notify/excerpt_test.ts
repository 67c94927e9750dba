import { describe, expect, it } from "vitest";
import { excerptOf } from "../../../shared/notify/excerpt.ts";

describe("excerptOf()", () => {
  it("is one line of at most 160 characters", () => {
    expect(excerptOf("  one\n\ntwo\tthree ")).toBe("one two three");
    expect(excerptOf("🌊".repeat(160))).toBe("🌊".repeat(160));
    expect([...excerptOf("🌊".repeat(161))]).toEqual([..."🌊".repeat(159), "…"]);
  });
});
