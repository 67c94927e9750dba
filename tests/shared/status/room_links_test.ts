import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMarkdown } from "../../../shared/markdown/parse.ts";
import { leadsToRoom } from "../../../shared/status/room_links.ts";
import { toPublicText } from "../../../shared/status/public_text.ts";

const ID = "AbCdEfGhIjKlM_Op";
/** Addresses of one room, as people and programs may write them. */
const SPELLINGS = [
  `https://chat.example.org/r/${ID}`,
  `https://chat.example.org/r/${ID}/12#x`,
  `https://chat.example.org/&#114;/${ID}`,
  `https://chat.example.org/&#x72;&sol;${ID}`,
  `https://chat.example.org/&amp;#114;/${ID}`,
  `https://chat.example.org/%72/${ID}`,
  `https://chat.example.org/r%2F${ID}`,
  `https://chat.example.org/r%2f%41${ID.slice(1)}/3`,
  `https://chat.example.org/%2572/${ID}`,
  `https://chat.example.org\\r\\${ID}`,
  `https://chat.example.org/r\\/${ID.replace("_", "\\_")}`,
  `https://chat.example.org/r/%2E/${ID}`,
  `https://chat.example.org/r/x/../${ID}?a=%20`,
  `/%52/${ID}`,
];
const OTHERS = [
  "https://example.org/road/map?x=%20",
  `https://example.org/${ID}`,
  "https://example.org/r/short%20",
  "mailto:ops@example.org",
];

function hrefsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => key === "href" ? [String(part)] : hrefsIn(part));
}

describe("links to rooms in public texts", () => {
  for (const address of SPELLINGS) {
    it(`are taken out as ${address}`, () => {
      expect(leadsToRoom(address)).toBe(true);
      for (
        const [written, left] of [
          [`See [it](${address}) now`, "See it now"],
          [`See [it](<${address}>) now`, "See it now"],
          [`See [it](${address} "a \\" title") now`, "See it now"],
          [`See [it](${address} 'title') now`, "See it now"],
          [`See [it](${address} (title)) now`, "See it now"],
          [`See [it [or] *that*](${address}) now`, "See it [or] *that* now"],
          [`See ![it](${address}) now`, "See it now"],
          [`- See [it\n  or that](${address}) now\nNo`, "- See it\n  or that now\nNo"],
          [`> See [it](${address})\nNow`, "> See it\nNow"],
          [`See ${address} now`, "See now"],
          [`See <${address}> now`, "See now"],
          [`**See ${address}** now`, /^\*\*See \*\* now$|^\*\*See now$/],
          [`Now\n\n[1]: ${address}`, "Now"],
        ] as const
      ) {
        if (typeof left === "string") expect([written, toPublicText(written)]).toEqual([written, left]);
        else expect(toPublicText(written)).toMatch(left);
      }
    });
  }

  it("are all that is taken out", () => {
    for (const address of OTHERS) {
      expect(leadsToRoom(address)).toBe(false);
      for (
        const text of [
          `See [it [or] that](${address} "title") now`,
          `See ${address}, or <${address}>.`,
          `[1]: ${address}`,
        ]
      ) {
        expect(toPublicText(text)).toBe(text);
      }
    }
  });

  it("may stand in the title of another link", () => {
    const title = `[it](https://example.org "see /r/${ID}")`;
    expect(toPublicText(title)).toBe("[it](https://example.org )");
  });

  it("are never left in what is shown", () => {
    const piece = fc.oneof(
      fc.constantFrom(...SPELLINGS, ...OTHERS),
      fc.constantFrom(
        "[",
        "]",
        "](",
        ")",
        "(",
        "!",
        "<",
        ">",
        "\n",
        "- ",
        "> ",
        " ",
        "**",
        "`",
        "\\",
        '"',
        "a",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const cleaned = toPublicText(pieces.join(""));
        expect(hrefsIn(parseMarkdown(cleaned)).filter(leadsToRoom)).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });
});
