import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toPublicText } from "../../../shared/status/public_text.ts";

const ROOM = "AbCdEfGhIjKlMnOp";
/** All bare links in one pattern: easy to read, but slow. */
const BARE_LINK_PATTERN =
  /<?[^\s()<>[\]]{0,255}?\/r\/[a-z0-9_-]{16}(?:\/\d{0,16})?(?:[?#][^\s()<>]{0,255})?>?[ \t]?/gi;

/** Takes about 50 ms; looking ahead from each character took 2 s. */
const LONG_CHARACTERS = 4_000_000;
const LONG_MAX_MS = 1_000;
const TRIES_MAX_COUNT = 5;

const pieces = fc.oneof(
  fc.constantFrom(
    `/r/${ROOM}`,
    `/r/${ROOM}/12`,
    `/R/${ROOM}?a=/r/${ROOM}`,
    "https://a.example",
    "/r/",
    "/r/short",
    "<",
    ">",
    " ",
    "\n",
    "(",
    "#",
    "x".repeat(254),
    "🌊",
  ),
  fc.string({ maxLength: 5 }),
);

describe("toPublicText()", () => {
  it("takes out all bare links to rooms, and nothing else", () => {
    const texts = fc.array(pieces, { maxLength: 12 }).map((parts) =>
      parts.join("").replace(/[@[\]*_~]/g, "")
    );
    fc.assert(
      fc.property(texts, (text) => {
        const plain = text.replaceAll(/\([ \t]*\)/g, "");
        const rest = plain.replace(BARE_LINK_PATTERN, "");
        const cleaned = rest === plain ? plain : rest.replace(/\([ \t]*\)/g, "");
        expect(toPublicText(plain)).toBe(cleaned.trim());
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes about as long as the text is, whatever it is", () => {
    const short = [
      "🌊",
      "x",
      "*_",
      "[",
      "[](",
      "/r/aaaaaaaaaaaaaaa",
      "a/",
      "a%2F ",
      "&#",
      "a\\",
      "/..",
      "<",
      "@a ",
      "** ",
      "( ",
      "[a](b) ",
    ];
    const times = short.map((one) => {
      const text = one.repeat(LONG_CHARACTERS / one.length);
      let leastMs = Infinity;
      // On a busy machine one of them may wait for others.
      for (let tryCount = 0; tryCount < TRIES_MAX_COUNT && leastMs >= LONG_MAX_MS; tryCount++) {
        const startedAt = performance.now();
        toPublicText(text);
        leastMs = Math.min(leastMs, performance.now() - startedAt);
      }
      return [one, leastMs] as const;
    });
    for (const [one, ms] of times) expect([one, ms < LONG_MAX_MS]).toEqual([one, true]);
  });
});
