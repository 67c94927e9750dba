import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { describeInputIssues } from "../../../server/rpc/input_issues.ts";
import {
  cursorSchema,
  encodeCursor,
  limitSchema,
  offsetSchema,
  roomIdSchema,
  timeSchema,
} from "../../../server/rpc/input_schemas.ts";
import type { InputIssue } from "../../../shared/errors.ts";
import { newId } from "../../../shared/ids.ts";
import type { RoomId } from "../../../shared/ids.ts";

const schema = v.strictObject({
  roomId: roomIdSchema,
  limit: limitSchema,
  offset: v.optional(offsetSchema),
  cursor: v.optional(cursorSchema),
  time: v.optional(timeSchema),
});
const roomId = newId<RoomId>();

function issuesOf(input: unknown): InputIssue[] | null {
  const result = v.safeParse(schema, input);
  return result.success ? null : describeInputIssues(new v.ValiError(result.issues));
}

describe("input schemas", () => {
  it("say which field is wrong and what is allowed", () => {
    expect(issuesOf({ roomId })).toBeNull();
    expect(issuesOf({})).toEqual([{ path: "roomId", message: "Is required" }]);
    expect(issuesOf(undefined)).toEqual([{ path: "", message: "Must be an object" }]);
    expect(issuesOf({ roomId, extra: 1 })).toEqual([{ path: "extra", message: "Unknown key, remove it" }]);
    expect(issuesOf({ roomId: "../../etc" })).toMatchObject([{ path: "roomId" }]);
    for (const limit of [0, 101, 1.5, -1, "5", null, NaN]) {
      expect(issuesOf({ roomId, limit })).toEqual([
        { path: "limit", message: "Must be a whole number from 1 to 100" },
      ]);
    }
    for (const offset of [-1, 0.5, 2 ** 53, Infinity, "1"]) {
      expect(issuesOf({ roomId, offset })).toMatchObject([{ path: "offset" }]);
    }
    for (const time of ["yesterday", "2030-13-01T00:00:00Z", "2030-01-31", 5]) {
      expect(issuesOf({ roomId, time })).toMatchObject([{ path: "time" }]);
    }
  });

  it("decode cursors, and refuse invalid ones", () => {
    for (const text of ["", "a", "Zoë 🍵", "x".repeat(300)]) {
      expect(v.parse(cursorSchema, encodeCursor(text))).toBe(text);
    }
    for (const cursor of ["*", "a=b", "_w", 5, "x".repeat(1001)]) {
      expect(issuesOf({ roomId, cursor }), String(cursor)).toMatchObject([{ path: "cursor" }]);
    }
  });

  it("turn times into UTC", () => {
    expect(v.parse(timeSchema, "2030-01-31T12:00:00+02:00")).toBe("2030-01-31T10:00:00.000Z");
  });
});
