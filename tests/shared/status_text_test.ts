import { describe, expect, it } from "vitest";
import { STATUS_TEXT_MAX_CHARACTERS } from "../../shared/limits.ts";
import { findStatusTextProblem } from "../../shared/status_text.ts";

describe("findStatusTextProblem", () => {
  it("counts code points", () => {
    expect(findStatusTextProblem("🚢".repeat(STATUS_TEXT_MAX_CHARACTERS))).toBeNull();
    expect(findStatusTextProblem("a".repeat(STATUS_TEXT_MAX_CHARACTERS + 1))).toContain("at most 100");
  });

  it("may be empty, but not have line breaks or half characters", () => {
    expect(findStatusTextProblem("")).toBeNull();
    expect(findStatusTextProblem("two\nlines")).toContain("single line");
    expect(findStatusTextProblem("two\u2028lines")).toContain("single line");
    expect(findStatusTextProblem("\ud83d")).toContain("well-formed");
  });
});
