import * as fc from "fast-check";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import { createParser } from "npm:eventsource-parser@4.1.3";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import type { EventSourceMessage } from "npm:eventsource-parser@4.1.3";
import { describe, expect, it } from "vitest";
import { encodeSse } from "../../../server/net/sse.ts";
import type { SseEvent } from "../../../server/net/sse.ts";

interface Parsed {
  readonly events: readonly EventSourceMessage[];
  readonly comments: readonly string[];
  readonly retries: readonly number[];
  readonly errors: readonly unknown[];
}

/** Parses encoded events as a program would, in chunks of any size. */
function parse(encoded: readonly Uint8Array[], partBytes = 7): Parsed {
  const events: EventSourceMessage[] = [];
  const comments: string[] = [];
  const retries: number[] = [];
  const errors: unknown[] = [];
  const parser = createParser({
    onEvent: (event) => void events.push(event),
    onComment: (comment) => void comments.push(comment),
    onRetry: (retry) => void retries.push(retry),
    onError: (error) => void errors.push(error),
  });
  const decoder = new TextDecoder();
  for (const bytes of encoded) {
    for (let from = 0; from < bytes.length; from += partBytes) {
      parser.feed(decoder.decode(bytes.subarray(from, from + partBytes), { stream: true }));
    }
  }
  return { events, comments, retries, errors };
}

/** Returns the single event that an encoded one is parsed as. */
function readBack(event: SseEvent): EventSourceMessage | undefined {
  const { events, errors } = parse([encodeSse(event)]);
  expect(errors).toEqual([]);
  expect(events.length).toBeLessThanOrEqual(1);
  return events[0];
}

describe("server-sent events", () => {
  it("SSE1 name, id and text arrive unchanged", () => {
    expect(readBack({ event: "component", id: "Zx81.7", data: '{"state":"operational"}' }))
      .toEqual({ event: "component", id: "Zx81.7", data: '{"state":"operational"}' });
    expect(readBack({ data: "" })?.data).toBe("");
  });

  it("SSE2 every kind of line break in a text arrives as LF, and none ends the event", () => {
    expect(readBack({ data: "a\rb\nc\r\nd\n\re" })?.data).toBe("a\nb\nc\nd\n\ne");
    expect(readBack({ data: "a\r\n\r\nevent: forged\r\ndata: b" })?.data).toBe("a\n\nevent: forged\ndata: b");
    expect(readBack({ data: "\n" })?.data).toBe("\n");
  });

  it("SSE3 leading spaces, colons and Unicode line separators are kept", () => {
    for (
      const data of [
        " two",
        "  three",
        ":colon",
        ": both",
        "data: x",
        "a\u2028b\u2029c",
        "\u0085",
        "\ufeffmark",
      ]
    ) {
      expect(readBack({ data })?.data).toBe(data);
    }
  });

  it("SSE4 a comment reaches no listener, and cannot contain an event", () => {
    const { events, comments } = parse([encodeSse({ comment: "ping\ndata: forged\r\rid: 1" })]);
    expect(events).toEqual([]);
    expect(comments).toEqual(["ping", "data: forged", "", "id: 1"]);
  });

  it("SSE5 the retry time is a number", () => {
    expect(parse([encodeSse({ retryMs: 1_500 })]).retries).toEqual([1_500]);
    for (const retryMs of [1.5, -1, NaN, Infinity]) expect(() => encodeSse({ retryMs })).toThrow(RangeError);
  });

  it("SSE6 a name or id that would end its field is refused", () => {
    for (const text of ["a\nb", "a\rb", "a\r\nb", "a\0b"]) {
      expect(() => encodeSse({ data: "x", id: text })).toThrow(RangeError);
      expect(() => encodeSse({ data: "x", event: text })).toThrow(RangeError);
    }
  });

  it("SSE7 any sequence of texts arrives as separate events, wherever the chunks are cut", () => {
    const anyText = fc.string({
      unit: fc.oneof(
        fc.constantFrom("\r", "\n", ":", " ", "\0", "\u2028", "data", "id", "event"),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
      ),
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (texts, partBytes) => {
        const { events, errors } = parse(
          texts.map((data, index) => encodeSse({ id: String(index), data })),
          partBytes,
        );
        expect(errors).toEqual([]);
        expect(events.map(({ data }) => data)).toEqual(texts.map((text) => text.replace(/\r\n?/g, "\n")));
        expect(events.map(({ id }) => id)).toEqual(texts.map((_, index) => String(index)));
      }),
    );
  });
});
