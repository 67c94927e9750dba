import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compressed } from "../../../server/status/answer.ts";

/** A body of numbered lines, which each quality compresses to another size. */
function answerOf(lineCount: number) {
  const lines = Array.from(
    { length: lineCount },
    (_, index) => `<li>Day ${index * 7919 % 10_007}: 100 %</li>`,
  );
  return {
    body: new TextEncoder().encode(lines.join("\n")),
    compressed: null,
    type: "text/html",
    etag: "x",
    isPartial: false,
  };
}

function sizeAt(quality: number, body: Uint8Array): number {
  return brotliCompressSync(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  }).length;
}

describe("compressed()", () => {
  for (const [kind, lineCount, quality, other] of [["short", 400, 5, 1], ["long", 8_000, 1, 5]] as const) {
    it(`compresses what is ${kind} at quality ${quality}, once`, () => {
      const answer = answerOf(lineCount);
      const { length } = compressed(answer);
      expect(sizeAt(quality, answer.body)).not.toBe(sizeAt(other, answer.body));
      expect(length).toBe(sizeAt(quality, answer.body));
      expect(compressed(answer)).toBe(compressed(answer));
      expect(new Uint8Array(brotliDecompressSync(compressed(answer)))).toEqual(answer.body);
    });
  }
});
