import { describe, expect, it } from "vitest";
import type { CodeNode } from "../../../client/ui/markdown/code_node.ts";
import { highlightCode } from "../../../client/ui/markdown/highlighter.ts";

function wordsOf(nodes: readonly CodeNode[]): string {
  return nodes.map((node) => typeof node === "string" ? node : wordsOf(node.children)).join("");
}

function scopesOf(nodes: readonly CodeNode[]): string[] {
  return nodes.flatMap((node) => typeof node === "string" ? [] : [node.scope, ...scopesOf(node.children)]);
}

describe("highlightCode()", () => {
  it("gives a tree that holds every character", () => {
    const text = 'const a: string = "<b>&amp;</b>"; // done\n';
    const nodes = highlightCode(text, "ts") ?? [];
    expect(wordsOf(nodes)).toBe(text);
    expect(scopesOf(nodes)).toEqual(expect.arrayContaining(["keyword", "string", "comment"]));
  });

  it("knows languages inside languages", () => {
    const text = "<script>const a = 1;</script>";
    const nodes = highlightCode(text, "html") ?? [];
    expect(wordsOf(nodes)).toBe(text);
    expect(scopesOf(nodes)).toContain("keyword");
  });

  it("knows common short names and leaves unknown ones alone", () => {
    for (const name of ["js", "py", "sh", "rs", "yml", "c++", "json", "toml"]) {
      expect(highlightCode("a", name), name).not.toBeNull();
    }
    expect(highlightCode("a", "nonsense")).toBeNull();
    expect(highlightCode("a", "__proto__")).toBeNull();
  });
});
