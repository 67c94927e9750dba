import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMarkup } from "../../../shared/markdown/parse.ts";
import { stockTree } from "./stock_tree.ts";

const CHARACTERS = [..."ab1 é中😀.,:;!?#+-=|/%&@*_~`[]()<>\\{}\"'\t\n\r\0\ufdd0\ufeff\u00a0\u2028"];
const PIECES = [
  ..."\n\n|\r\n|  \n|\\\n|  |    |- |+ |* |1. |7) |007. |> |>|# |###### |---|***|===|```|~~~|``` js\n|\n```\n"
    .split("|"),
  ..."**|__|~~|~|``|[a](|![b](|](|[x]: y|<b>|&amp;|<https://a.bc>|<a@b.cd>|https://a.bc/d|www.a.bc|a@b.cd"
    .split("|"),
  ...'[a](b "t\nu")|[a](<b c>)|[](https://a.bc)|![*b* `c`](https://a.bc)|[![a](b)](https://a.bc)|\\*|\\[|- [ ] '
    .split("|"),
  "[a](https://a.bc\n'b')",
];

describe("the tree of a message", () => {
  it("is what the stock packages make of the same tokens", () => {
    const texts = oneof(
      array(constantFrom(...PIECES, ...CHARACTERS), { maxLength: 30 }).map((parts) => parts.join("")),
      array(constantFrom(...PIECES, "a", "b c", "\n"), { maxLength: 16 }).map((parts) => parts.join("")),
      array(constantFrom("- ", "1. ", "> ", "  ", "\t", "a", "\n", "\n\n", "```", "`", "#"), {
        maxLength: 24,
      })
        .map((parts) => parts.join("")),
      string({ unit: "binary" }),
    );
    assert(
      property(texts, (text) => {
        expect(parseMarkup(text)).toEqual(stockTree(text));
      }),
      { numRuns: 4_000 },
    );
  });
});
