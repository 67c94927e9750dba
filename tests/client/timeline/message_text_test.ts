import { expect, it } from "vitest";
import { describeSystemEvent, plainLine } from "../../../client/timeline/message_text.ts";
import type { SystemEvent } from "../../../client/timeline/grouping.ts";

it("plainLine() is a message's text in one line, without formatting", () => {
  const text = [
    "**The tide** opens",
    "",
    "> it `moves`",
    "- [one](https://example.com/)",
    "  1. ~~two~~",
    "***",
    "```ts",
    "a > b",
    "```",
  ].join("\n");
  expect(plainLine(text)).toBe("The tide opens it moves one two a > b");
  expect(plainLine("a_b_c > d * e")).toBe("a_b_c > d * e");
  expect(plainLine("long ".repeat(40), 12)).toBe("long long l…");
});

it("describeSystemEvent() says who called, how long and who took part", () => {
  const event = (fields: object) => ({ offset: 1, at: "", by: "Ana", callId: "c", ...fields }) as SystemEvent;
  const describe = (fields: object) => describeSystemEvent(event(fields), (userId) => userId);
  expect(describe({ type: "call_started" })).toBe("Ana started a call");
  const ended = { type: "call_ended", durationMs: 700_000, missed: false, userIds: ["Ana", "Ben"] };
  expect(describe(ended)).toBe("Call · 12 min · Ana, Ben");
  expect(describe({ ...ended, missed: true, userIds: ["Ana"] })).toBe("Missed call from Ana");
});
