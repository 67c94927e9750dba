import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { safeHref } from "../../../shared/markdown/links.ts";
import { parseMarkdown } from "../../../shared/markdown/parse.ts";
import type { Block, Inline } from "../../../shared/markdown/tree.ts";
import { BAD_ADDRESSES, LINK_FORMS, NASTY_TEXTS, PATHOLOGICAL } from "./nasty_texts.ts";

const BLOCK_TYPES = new Set(["paragraph", "heading", "quote", "list", "code", "rule"]);
const INLINE_TYPES = new Set(["text", "break", "code", "strong", "emphasis", "strike", "link"]);

/** Walks a tree, lists its addresses and fails on anything that is not allowed in it. */
function hrefsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    expect(BLOCK_TYPES).toContain(block.type);
    if (block.type === "list") return block.items.flatMap(hrefsOf);
    if (block.type === "quote") return hrefsOf(block.children);
    return "children" in block ? inlineHrefsOf(block.children) : [];
  });
}

function inlineHrefsOf(nodes: readonly Inline[]): string[] {
  return nodes.flatMap((node) => {
    expect(INLINE_TYPES).toContain(node.type);
    if (node.type === "text" || node.type === "code") expect(typeof node.text).toBe("string");
    const inner = "children" in node ? inlineHrefsOf(node.children) : [];
    if (node.type !== "link") return inner;
    expect(Object.keys(node).sort()).toEqual(["children", "href", "type"]);
    return [node.href, ...inner];
  });
}

function expectSafe(text: string): void {
  for (const href of hrefsOf(parseMarkdown(text))) {
    expect(href, text).toMatch(/^(?:https?:\/\/[^\s"<>]+|mailto:[^\s"<>]+)$/);
  }
}

describe("safeHref()", () => {
  it("refuses everything but http, https and mailto", () => {
    for (const address of BAD_ADDRESSES) expect(safeHref(address), address).toBeNull();
  });

  it("gives the normal form of what it allows", () => {
    expect(safeHref("HTTPS://A.example")).toBe("https://a.example/");
    expect(safeHref("mailto:a@b.example")).toBe("mailto:a@b.example");
    expect(safeHref("https://аpple.example")).toBe("https://xn--pple-43d.example/");
  });
});

describe("parseMarkdown() against attacks", () => {
  it("makes no link of a bad address, however it is written", () => {
    for (const address of BAD_ADDRESSES) {
      for (const form of LINK_FORMS) {
        const hrefs = hrefsOf(parseMarkdown(form(address)));
        // What is left may hold a true address inside, such as the one after `view-source:`.
        for (const href of hrefs) expect(href, form(address)).toMatch(/^https?:\/\/a\.example\//);
      }
    }
  });

  it("gives only allowed nodes and addresses", () => {
    for (const text of NASTY_TEXTS) expectSafe(text);
    for (const text of Object.values(PATHOLOGICAL)) expectSafe(text);
  });

  it("shows HTML as text", () => {
    const [block] = parseMarkdown("<img src=x onerror=alert(1)>");
    expect(block).toEqual({
      type: "paragraph",
      children: [{ type: "text", text: "<img src=x onerror=alert(1)>" }],
    });
  });

  it("stays safe whatever is put together", () => {
    const piece = fc.constantFrom(
      ...NASTY_TEXTS,
      ...LINK_FORMS.map((form) => form("javascript:alert(1)")),
      "\n",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const text = pieces.join("").slice(0, 4_000);
        expectSafe(text);
      }),
      { numRuns: 60 },
    );
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."*_~`[]()<>!&#-\\:@a1. \n") }), expectSafe));
  });
});
