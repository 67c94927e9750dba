import { describe, expect, it } from "vitest";
import { parseMarkdown } from "../../../shared/markdown/parse.ts";
import { MarkdownParser } from "../../../client/ui/markdown/parser.ts";
import { plainBlocks, textOf } from "../../../shared/markdown/tree.ts";
import type { Block, Inline } from "../../../shared/markdown/tree.ts";

/** Writes a tree so that it can be read at a glance. */
function draw(blocks: readonly Block[]): string {
  return blocks.map((block) => {
    switch (block.type) {
      case "paragraph":
      case "heading":
        return `${block.type === "heading" ? "h:" : ""}${drawInline(block.children)}`;
      case "quote":
        return `quote(${draw(block.children)})`;
      case "list":
        return `${block.start === null ? "ul" : `ol${block.start}`}(${block.items.map(draw).join("; ")})`;
      case "code":
        return `code${block.language === "" ? "" : `:${block.language}`}(${block.text})`;
      case "rule":
        return "rule";
    }
  }).join(" | ");
}

function drawInline(nodes: readonly Inline[]): string {
  return nodes.map((node) => {
    if (node.type === "text") return node.text;
    if (node.type === "break") return "↵";
    if (node.type === "code") return `{${node.text}}`;
    if (node.type === "link") return `[${drawInline(node.children)}](${node.href})`;
    return `${node.type}<${drawInline(node.children)}>`;
  }).join("");
}

const parsed = (text: string) => draw(parseMarkdown(text));

describe("parseMarkdown()", () => {
  it("knows bold, italic, strike and code", () => {
    expect(parsed("**a** *b* _c_ ~~d~~ `e`")).toBe("strong<a> emphasis<b> emphasis<c> strike<d> {e}");
    expect(parsed("**a *b***")).toBe("strong<a emphasis<b>>");
    expect(parsed("about ~5 to ~6, snake_case_name")).toBe("about ~5 to ~6, snake_case_name");
  });

  it("keeps every line end", () => {
    expect(parsed("one\ntwo  \nthree")).toBe("one↵two↵three");
    expect(parsed("one\n\ntwo")).toBe("one | two");
  });

  it("knows fenced code with its language", () => {
    expect(parsed("```ts\nlet a = `1` & 2;\n  b\n```\nafter")).toBe("code:ts(let a = `1` & 2;\n  b) | after");
    expect(parsed("```\n**not bold**")).toBe("code(**not bold**)");
  });

  it("knows lists, with the numbers that were written", () => {
    expect(parsed("- a\n- b\n  - c")).toBe("ul(a; b | ul(c))");
    expect(parsed("3. a\n4. b")).toBe("ol3(a; b)");
  });

  it("ends a quote and a list with their last marked line", () => {
    expect(parsed("> said\nanswer")).toBe("quote(said) | answer");
    expect(parsed("> a\n> b\n\nanswer")).toBe("quote(a↵b) | answer");
    expect(parsed("- a\nafter")).toBe("ul(a) | after");
    expect(parsed("- a\n  more\nafter")).toBe("ul(a↵more) | after");
    expect(parsed("```\n> a\nb\n```")).toBe("code(> a\nb)");
  });

  it("knows links and bare addresses", () => {
    expect(parsed("[a *b*](https://x.example/y)")).toBe("[a emphasis<b>](https://x.example/y)");
    expect(parsed("see https://x.example/?a=1&b=2).")).toBe(
      "see [https://x.example/?a=1&b=2](https://x.example/?a=1&b=2)).",
    );
    expect(parsed("www.x.example, me@x.example")).toBe(
      "[www.x.example](http://www.x.example/), [me@x.example](mailto:me@x.example)",
    );
    expect(parsed("<https://x.example>")).toBe("[https://x.example](https://x.example/)");
  });

  it("finds addresses behind a bracket that nobody closes, and keeps the words of those that lead nowhere", () => {
    expect(parsed("[see https://x.example/a_b_c now")).toBe(
      "[see [https://x.example/a_b_c](https://x.example/a_b_c) now",
    );
    expect(parsed("**[me@x.example**")).toBe("strong<[[me@x.example](mailto:me@x.example)>");
    expect(parsed("[see https://xn--a.example/x now")).toBe("[see https://xn--a.example/x now");
    expect(parsed("https://xn--a.example/x")).toBe("https://xn--a.example/x");
    expect(parsed("[[www.x.example](https://y.example)")).toContain("(y.example)");
  });

  it("shows a picture as a link", () => {
    expect(parsed("![cat](https://x.example/c.png)")).toBe("[cat](https://x.example/c.png)");
    expect(parsed("![](https://x.example/c.png)")).toBe("[https://x.example/c.png](https://x.example/c.png)");
  });

  it("names the host where the words of a link name another one", () => {
    expect(parsed("[https://bank.example](https://evil.example/x)")).toBe(
      "[https://bank.example (evil.example)](https://evil.example/x)",
    );
    expect(parsed("[www.bank.example](https://evil.example)")).toContain("(evil.example)");
    expect(parsed("[notes](https://evil.example)")).toBe("[notes](https://evil.example/)");
  });

  it("shows HTML, references and definitions as they were written", () => {
    expect(parsed("<b>hi</b> &lt; &amp; & &#35;")).toBe("<b>hi</b> &lt; &amp; & &#35;");
    expect(parsed("<div>\n*a*\n</div>")).toBe("<div>↵emphasis<a>↵</div>");
    expect(parsed("[a][b]\n\n[b]: https://x.example")).toContain("[a][b] | [b]: ");
  });

  it("does not make headings, code or lines of what is not meant so", () => {
    expect(parsed("title\n===")).toBe("title↵===");
    expect(parsed("    indented")).toBe("indented");
    expect(parsed("#room and #1")).toBe("#room and #1");
    expect(parsed("# Plan")).toBe("h:Plan");
  });

  it("shows signs that mark nothing", () => {
    for (const text of ["#", "-", "*", "+", "1.", ">", "```", "- ", "**", "[]"]) {
      expect(parsed(text).trim(), text).toBe(text.trim());
    }
  });

  it("keeps a noncharacter of its own use from meaning anything", () => {
    expect(parsed("a\ufdd0amp;b & c")).toBe("a\ufffdamp;b & c");
  });

  it("gives up on tangles and shows them plain", () => {
    const tangle = "*a_".repeat(200);
    expect(parseMarkdown(tangle)).toEqual(plainBlocks(tangle));
    const deep = ">".repeat(50) + " a";
    expect(parseMarkdown(deep)).toEqual(plainBlocks(deep));
    expect(parsed("```\n" + "snake_case ".repeat(300) + "\n```")).toMatch(/^code\(snake_case/);
  });
});

describe("textOf()", () => {
  it("gives the words without marks", () => {
    const [block] = parseMarkdown("**a** `b`\n[c](https://x.example)");
    expect(block?.type === "paragraph" ? textOf(block.children) : null).toBe("a b\nc");
  });
});

describe("MarkdownParser", () => {
  it("keeps what it found", () => {
    let parseCount = 0;
    const parser = new MarkdownParser((text) => {
      parseCount++;
      return parseMarkdown(text);
    });
    expect(draw(parser.blocks("**a**"))).toBe("strong<a>");
    expect(parser.blocks("**a**")).toBe(parser.blocks("**a**"));
    expect(parseCount).toBe(1);
  });
  it("forgets the oldest texts when they are many, or long", () => {
    const parsed: string[] = [];
    const parser = new MarkdownParser((text) => {
      parsed.push(text);
      return parseMarkdown(text);
    });
    const reads = (texts: readonly string[]) => {
      parsed.length = 0;
      for (const text of texts) parser.blocks(text);
      return parsed.length;
    };
    const short = Array.from({ length: 500 }, (_, index) => `text ${index}`);
    reads(short);
    expect(reads(short)).toBe(0);
    const long = Array.from({ length: 20 }, (_, index) => `${index} ${"a".repeat(8_000)}`);
    reads(long);
    expect(reads(long.slice(-2))).toBe(0);
    expect(reads(long.slice(0, 2))).toBe(2);
    expect(reads(short)).toBe(500);
  });
});
