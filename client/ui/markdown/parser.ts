import { parseMarkdown } from "../../../shared/markdown/parse.ts";
import type { Block } from "../../../shared/markdown/tree.ts";

const KEPT_MAX_COUNT = 500;
/** In total; the tree of a long text can be thirty times its size. */
const KEPT_MAX_CHARACTERS = 128_000;

/** Parses messages and caches the trees, since the same messages are rendered again and again. */
export class MarkdownParser {
  readonly #parse: (text: string) => readonly Block[];
  readonly #kept = new Map<string, readonly Block[]>();
  #keptCharacters = 0;

  constructor(parse: (text: string) => readonly Block[] = parseMarkdown) {
    this.#parse = parse;
  }

  /** Returns the blocks of a message. */
  blocks(text: string): readonly Block[] {
    const kept = this.#kept.get(text);
    if (kept !== undefined) return kept;
    const blocks = this.#parse(text);
    this.#kept.set(text, blocks);
    this.#keptCharacters += text.length;
    this.#forgetOldest();
    return blocks;
  }

  #forgetOldest(): void {
    for (const text of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MAX_COUNT && this.#keptCharacters <= KEPT_MAX_CHARACTERS) return;
      this.#kept.delete(text);
      this.#keptCharacters -= text.length;
    }
  }
}

/** The parser of the page: a pure function with a cache, so it need not be passed around. */
export const markdownParser = new MarkdownParser();
