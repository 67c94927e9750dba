import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { safeHref } from "../../../client/ui/markdown/links.ts";
import { parseMarkdown } from "../../../client/ui/markdown/parse.ts";
import type { Block, Inline } from "../../../client/ui/markdown/tree.ts";

/** Addresses that must never become a link. */
const BAD_ADDRESSES = [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "\u0001javascript:alert(1)",
  "java\tscript:alert(1)",
  "java\nscript:alert(1)",
  "java\rscript:alert(1)",
  "javascript&colon;alert(1)",
  "javascript&#58;alert(1)",
  "javascript&#x3a;alert(1)",
  "&#106;avascript:alert(1)",
  "&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A&#x61",
  "javascript%3Aalert(1)",
  "%6A%61vascript:alert(1)",
  "\\javascript:alert(1)",
  "javascript\\:alert(1)",
  "javascript://https://a.example/%0aalert(1)",
  "vbscript:msgbox(1)",
  "VBSCRIPT:msgbox(1)",
  "data:text/html,<script>alert(1)</script>",
  "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
  "data:image/svg+xml,<svg onload=alert(1)>",
  "blob:https://a.example/1",
  "file:///etc/passwd",
  "ftp://a.example",
  "filesystem:https://a.example/x",
  "view-source:https://a.example",
  "about:blank",
  "chrome://settings",
  "intent://a#Intent;end",
  "tel:+123",
  "//a.example/x",
  "/r/AAAAAAAAAAAAAAAA",
  "..",
  "#fragment",
  "\u202ejavascript:alert(1)",
  "javascript\u200b:alert(1)",
  "ｊavascript:alert(1)",
  "",
];

/** Ways to write a link. */
const LINK_FORMS: ((address: string) => string)[] = [
  (address) => `[x](${address})`,
  (address) => `[x](<${address}>)`,
  (address) => `[x](${address} "title")`,
  (address) => `![x](${address})`,
  (address) => `<${address}>`,
  (address) => `[x][y]\n\n[y]: ${address}`,
  (address) => `[![x](${address})](${address})`,
  (address) => `**[\`x\`](${address})**`,
  (address) => `> - [x](${address})`,
];

const NASTY_TEXTS = [
  "<script>alert(1)</script>",
  "<scr<script>ipt>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "<svg><animate onbegin=alert(1) attributeName=x></svg>",
  "<iframe srcdoc='<script>alert(1)</script>'>",
  "<a href='javascript:alert(1)'>x</a>",
  "<math><mtext></p><img src=x onerror=alert(1)>",
  "<details open ontoggle=alert(1)>",
  "<style>@import 'https://a.example'</style>",
  "<base href='https://a.example/'>",
  "<form action='https://a.example'><input type=submit>",
  "<!--><script>alert(1)</script>-->",
  "<![CDATA[<script>alert(1)</script>]]>",
  "<?xml version='1.0'?>",
  "```<script>alert(1)</script>```",
  '```html" onmouseover=alert(1)\n<script>alert(1)</script>\n```',
  "`<img src=x onerror=alert(1)>`",
  '[a](https://a.example"onmouseover=alert(1))',
  "[a](https://a.example 'onmouseover=alert(1)')",
  'https://a.example"onmouseover="alert(1)',
  "https://a.example/<script>alert(1)</script>",
  "http://a.example/\u202egnp.exe",
  "https://user:pass@a.example",
  'www.a.example"onclick=alert(1)',
  "mailto:a@b.example?body=%3Cscript%3E",
  "[\u202e moc.knab](https://evil.example)",
  "a" + "\u0301".repeat(3_999),
  "\u202e\u202d\u2066\u2067\u2068\u2069",
  "{{constructor.constructor('alert(1)')()}}",
  "${alert(1)}",
  "__proto__",
  "[__proto__]: x",
  "[constructor]",
  "[toString][]",
];

/** Texts of 4,000 characters that take other parsers seconds. */
const PATHOLOGICAL: Record<string, string> = Object.fromEntries(
  [
    ..."*_~`[](<>!&#-|\\:@=.\n\t ",
    "> ",
    "- ",
    "1. ",
    "> - ",
    "*a ",
    "*a **a ",
    "*a_",
    "**",
    "[a](",
    "[](",
    "![",
    "[a](b) ",
    "<a ",
    "- a\n",
    "# a\n",
    "a\n",
    ">\n",
    "```\n",
    "a.",
    "a-_",
    "a@b.c",
    "www.",
    "http://a.b/",
    "https://",
    "&amp;",
    "\u0301",
    "👨‍👩‍👧",
  ].map((part) => [JSON.stringify(part), part.repeat(Math.ceil(4_000 / part.length)).slice(0, 4_000)]),
);

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

  it("takes no text long to parse", () => {
    for (const text of Object.values(PATHOLOGICAL)) parseMarkdown(text.slice(0, 400));
    const slow = Object.entries(PATHOLOGICAL).filter(([, text]) =>
      fastestOf(3, () => parseMarkdown(text)) > 60
    );
    expect(slow.map(([name]) => name)).toEqual([]);
  });
});

function fastestOf(tries: number, run: () => void): number {
  let fastest = Infinity;
  for (let i = 0; i < tries; i++) {
    const start = performance.now();
    run();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}
