import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMarkdown, parseMarkup } from "../../../shared/markdown/parse.ts";
import { isPlain } from "../../../shared/markdown/plain.ts";

/** Words, and everything that may mean something to the parser. */
const PIECES = [
  ..."a b Z é я 中 1 😀 … — ' \" ( ) . , ; : ! ? # + - = | / % & @ * _ ~ ` [ ] < > \\ { }".split(" "),
  ..." |  |\t|\n|\n\n|\r\n|\0|\ufdd0|\ufeff|\u00a0|\u2028".split("|"),
  ..."www.a.bc|WWW.x.y|https://a.bc|http:|a@b.cd|1. |- |> |# |+ |---|===|```|<b>|&amp;|@Kay|#General".split(
    "|",
  ),
  ..."    |mailto:a|[x]: y|a.bc|x:y".split("|"),
] as const;
const WORDS = 'The boat, is here: at 9.30 (pm) & you said - "no"! #1 = 2 + 2 > 3 | 4/5 don\'t'.split(" ");

describe("isPlain", () => {
  it("is true only for texts of which the parser makes nothing else", () => {
    const anything = array(constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join(""));
    const words = array(constantFrom(...WORDS, "a\nb", "z\n"), { maxLength: 12 }).map((all) => all.join(" "));
    const texts = oneof(
      anything,
      anything.map((text) => `a${text}b`),
      words,
      string({ unit: "binary" }),
    );
    assert(
      property(texts, (text) => {
        expect(parseMarkdown(text)).toEqual(parseMarkup(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it("is true for what people mostly write", () => {
    for (const text of ["Fine. I am at the gate until noon :)", "Yes\nIt's at 9.30 – don't wait!", "ok"]) {
      expect(isPlain(text)).toBe(true);
      expect(parseMarkdown(text)).toEqual(parseMarkup(text));
    }
    for (
      const text of ["", "a ", " a", "- a", "1. a", "a\n\nb", "a\n- b", "a *b*", "see www.a.bc", "a@b.cd"]
    ) {
      expect(isPlain(text)).toBe(false);
    }
  });
});
