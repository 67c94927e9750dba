import { expect, it } from "vitest";
import { plainLine } from "../../../client/timeline/message_text.ts";

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
