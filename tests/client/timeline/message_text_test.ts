import { describe, expect, it } from "vitest";
import { describeSystemEvent, plainLine, systemIcon } from "../../../client/timeline/message_text.ts";
import type { CallEndedEvent, SystemEvent } from "../../../client/timeline/grouping.ts";

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

describe("describeSystemEvent()", () => {
  const event = (fields: object) => ({ offset: 1, at: "", by: "Ana", callId: "c", ...fields }) as SystemEvent;
  const ended = (fields: object = {}) =>
    event({ type: "call_ended", durationMs: 700_000, missed: false, userIds: ["Ana", "Ben"], ...fields }) as
      & SystemEvent
      & CallEndedEvent;
  const nameOf = (userId: string) => userId;

  it("says in one line who called, how long and who took part", () => {
    const started = event({ type: "call_started" });
    expect(describeSystemEvent(started, nameOf)).toBe("Ana started a call");
    expect(describeSystemEvent(started, nameOf, ended())).toBe("Ana started a call · 12 min · Ana, Ben");
    expect(systemIcon(started, ended())).toBe("phone");
  });

  it("says what is known of a call whose start is not loaded", () => {
    expect(describeSystemEvent(ended({ by: "Ben" }), nameOf)).toBe("Call · 12 min · Ana, Ben");
  });

  it("names who was missed, whoever ended the call", () => {
    const missed = ended({ missed: true, userIds: ["Ana"], by: "Ben" });
    const started = event({ type: "call_started" });
    expect(describeSystemEvent(missed, nameOf)).toBe("Missed call from Ana");
    expect(describeSystemEvent(started, nameOf, missed)).toBe("Missed call from Ana");
    expect(describeSystemEvent(started, () => "You", missed)).toBe("You called · no answer");
    expect(systemIcon(started, missed)).toBe("phoneMissed");
  });

  it("says whom a missed call rang for, and who declined", () => {
    const started = event({ type: "call_started" });
    const by = (reader: string) => (userId: string) => userId === reader ? "You" : userId;
    const lines = (fields: object) =>
      ["Ana", "Ben", "Cleo"].map((reader) =>
        describeSystemEvent(started, by(reader), ended({ missed: true, userIds: ["Ana"], ...fields }))
      );
    expect(lines({ rang: ["Ben"], declined: ["Ben"] })).toEqual([
      "You called · declined",
      "You declined a call from Ana",
      "Ana called · declined",
    ]);
    expect(lines({ rang: ["Ben"], declined: [] })).toEqual([
      "You called · no answer",
      "Missed call from Ana",
      "Ana called · no answer",
    ]);
    // It was there for everybody to join, and nobody was called.
    expect(lines({ rang: [], declined: [] })).toEqual(
      ["You", "Ana", "Ana"].map((name) => `${name} started a call · nobody joined`),
    );
    expect(systemIcon(started, ended({ missed: true, rang: [] }))).toBe("phone");
  });

  it("isolates the name of a file, which may be written in another direction", () => {
    const handed = event({
      type: "file_handed",
      from: "Ana",
      to: "You",
      name: "\u05d0.pdf",
      bytes: 2_340_000,
    });
    expect(describeSystemEvent(handed, nameOf)).toBe("Ana handed you \u2068\u05d0.pdf\u2069 · 2.3 MB");
  });
});
