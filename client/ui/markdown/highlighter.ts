import "../../base.ts";
import hljs from "highlight.js/lib/core";
import type { Emitter, LanguageFn } from "highlight.js";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import lua from "highlight.js/lib/languages/lua";
import makefile from "highlight.js/lib/languages/makefile";
import markdown from "highlight.js/lib/languages/markdown";
import nginx from "highlight.js/lib/languages/nginx";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import type { CodeNode } from "./code_node.ts";

/** Imported dynamically when a message has code with a language. */
const LANGUAGES: Record<string, LanguageFn> = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  lua,
  makefile,
  markdown,
  nginx,
  php,
  python,
  ruby,
  rust,
  shell,
  sql,
  swift,
  typescript,
  xml,
  yaml,
};

interface OpenScope {
  readonly scope: string;
  readonly children: CodeNode[];
}

/** Builds a tree from the library's results, which would otherwise be HTML. */
class TreeEmitter implements Emitter {
  readonly #root: OpenScope = { scope: "", children: [] };
  readonly #open: OpenScope[] = [this.#root];

  get children(): readonly CodeNode[] {
    return this.#root.children;
  }

  addText(text: string): void {
    if (text !== "") this.#open.at(-1)?.children.push(text);
  }

  startScope(scope: string): void {
    this.openNode(scope);
  }

  endScope(): void {
    this.closeNode();
  }

  /** Missing in the library's types, but called for everything that is not a keyword. */
  openNode(scope: string): void {
    const node: OpenScope = { scope, children: [] };
    this.#open.at(-1)?.children.push(node);
    this.#open.push(node);
  }

  closeNode(): void {
    if (this.#open.length > 1) this.#open.pop();
  }

  __addSublanguage(emitter: Emitter): void {
    if (emitter instanceof TreeEmitter) this.#open.at(-1)?.children.push(...emitter.children);
  }

  finalize(): void {
    this.#open.length = 1;
  }

  toHTML(): string {
    return "";
  }
}

const highlighter = hljs.newInstance();
highlighter.configure({ __emitter: TreeEmitter });
for (const [name, language] of Object.entries(LANGUAGES)) highlighter.registerLanguage(name, language);

/** The grammars take time quadratic in the length of a line: half a second for 4,000 characters. */
const LINE_MAX_CHARACTERS = 200;

/** Highlights code; null if the language is unknown or a line is too long. */
export function highlightCode(text: string, language: string): readonly CodeNode[] | null {
  if (highlighter.getLanguage(language) === undefined) return null;
  if (text.split("\n").some((line) => line.length > LINE_MAX_CHARACTERS)) return null;
  const emitter = highlighter.highlight(text, { language, ignoreIllegals: true })._emitter;
  return emitter instanceof TreeEmitter ? emitter.children : null;
}
