import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPublicHtml, wordsOf } from "../../../client/status/public_html.ts";
import type { PublicNode } from "../../../client/status/public_html.ts";
import { previewMarkdown } from "../../../server/status/PublicMarkdown.tsx";

/** Writes nodes as the server does, so that whatever is lost on the way shows. */
function write(nodes: readonly PublicNode[]): string {
  return nodes.map((node) => {
    if (typeof node === "string") {
      return node.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
    }
    const { tag, attributes, children } = node;
    const rel = tag === "a" ? ' rel="noopener noreferrer nofollow"' : "";
    const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${write([value])}"`).join("");
    if (tag === "br" || tag === "hr") return `<${tag}/>`;
    return `<${tag}${given}${rel}>${write(children)}</${tag}>`;
  }).join("");
}

const PIECES = [
  "**bold** ",
  "*it* ",
  "`co<de>` ",
  '[a](https://x.example/?q="&b=1) ',
  "> q\n",
  "\n\n",
  "- x\n",
]
  .concat([
    "1. y\n",
    "```\n<b>&amp;\n```\n",
    "<img src=x onerror=alert(1)>",
    "&lt;",
    "~~s~~ ",
    "---\n",
    "\\\n",
  ])
  .concat(['https://example.org/a?b="c" ', "mailto:a@b.example ", "</p>", "javascript:alert(1) ", "'\" "]);

describe("readPublicHtml", () => {
  it("reads everything that the server writes", () => {
    fc.assert(fc.property(
      fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "grapheme" })), { maxLength: 12 }),
      (pieces) => {
        const html = previewMarkdown(pieces.join(""));
        expect(write(readPublicHtml(html))).toBe(html);
      },
    ));
  });

  it("makes nothing but known elements, attributes and addresses, whatever comes", () => {
    const hostile = [
      "<script>alert(1)</script>",
      '<p onclick="x()" style="color:red" dir="auto">a</p>',
      '<a href="javascript:alert(1)">b</a>',
      '<a href=" https://x.example">c</a>',
      "<iframe></iframe><p>",
      "</p></p>d",
    ].join("");
    const tags = new Set<string>();
    const attributes: Record<string, string>[] = [];
    const walk = (nodes: readonly PublicNode[]) => {
      for (const node of nodes) {
        if (typeof node === "string") continue;
        tags.add(node.tag);
        attributes.push({ ...node.attributes });
        walk(node.children);
      }
    };
    walk(readPublicHtml(hostile));
    expect([...tags].sort()).toEqual(["a", "p"]);
    expect(attributes).toEqual([{ dir: "auto" }, {}, {}, {}]);
  });

  it("gives the words alone", () => {
    const html = previewMarkdown("**Bold**, then *more*.\n\n- One\n- Two & three");
    expect(wordsOf(readPublicHtml(html))).toBe("Bold, then more. One Two & three");
  });
});
