import { array, assert, constantFrom, property } from "fast-check";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import type { PhrasingContent, Root } from "npm:@types/mdast@4.0.4";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import { gfmAutolinkLiteralFromMarkdown } from "npm:mdast-util-gfm-autolink-literal@2.0.1";
import { describe, expect, it } from "vitest";
import { splitBareLinks } from "../../../shared/markdown/bare_links.ts";
import type { BareLink } from "../../../shared/markdown/bare_links.ts";

/** What the stock package finds. */
function stock(text: string): (string | BareLink)[] {
  const tree: Root = {
    type: "root",
    children: [{ type: "paragraph", children: [{ type: "text", value: text }] }],
  };
  for (const transform of gfmAutolinkLiteralFromMarkdown().transforms ?? []) transform(tree);
  const [paragraph] = tree.children;
  const parts = paragraph?.type === "paragraph" ? paragraph.children.map(partOf) : [];
  return joined(parts);
}

function partOf(node: PhrasingContent): string | BareLink {
  if (node.type === "text") return node.value;
  const [words] = node.type === "link" ? node.children : [];
  if (node.type !== "link" || words?.type !== "text") throw new TypeError(`Unexpected ${node.type}`);
  return { text: words.value, url: node.url };
}

/** Texts beside each other are one. */
function joined(parts: readonly (string | BareLink)[]): (string | BareLink)[] {
  const all: (string | BareLink)[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === "string" && typeof last === "string") all.splice(-1, 1, last + part);
    else if (part !== "") all.push(part);
  }
  return all;
}

const PIECES = [
  ..."abw12_-.+@()[]{}<>!?,:;/\\'\"&*~| \n\té😀ß。\ufdd0",
  ..."https:// http:// HTTPS:// www. WWW. wwww x.example b.c a@b.c @x.example (c) ://".split(" "),
];

describe("splitBareLinks()", () => {
  it("finds addresses as they stand in sentences", () => {
    expect(splitBareLinks("see https://x.example/a_b, (www.y.example/c(d)) or me+1@x.example.")).toEqual([
      "see ",
      { text: "https://x.example/a_b", url: "https://x.example/a_b" },
      ", (",
      { text: "www.y.example/c(d)", url: "http://www.y.example/c(d)" },
      ") or ",
      { text: "me+1@x.example", url: "mailto:me+1@x.example" },
      ".",
    ]);
    expect(splitBareLinks("nothing: http:// @x a@b xhttps://x.example /me@x.example")).toHaveLength(1);
    expect(splitBareLinks("")).toEqual([]);
  });

  it("finds what the package of GitHub's rules finds, and loses nothing", () => {
    assert(
      property(array(constantFrom(...PIECES), { maxLength: 24 }), (pieces) => {
        const text = pieces.join("");
        const parts = splitBareLinks(text);
        expect(parts.map((part) => typeof part === "string" ? part : part.text).join("")).toBe(text);
        expect(parts).toEqual(stock(text));
      }),
      { numRuns: 3_000 },
    );
  });
});
