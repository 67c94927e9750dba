import { parseMarkdown } from "./parse.ts";
import type { Block } from "./tree.ts";

const KEPT_COUNT = 500;

/** Parses messages and keeps what it found: a room draws the same ones again and again. */
export class MarkdownParser {
  readonly #parse: (text: string) => readonly Block[];
  readonly #kept = new Map<string, readonly Block[]>();

  constructor(parse: (text: string) => readonly Block[] = parseMarkdown) {
    this.#parse = parse;
  }

  /** Gives the blocks of a message. */
  blocks(text: string): readonly Block[] {
    const kept = this.#kept.get(text);
    if (kept !== undefined) return kept;
    const blocks = this.#parse(text);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT_COUNT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(text, blocks);
    return blocks;
  }
}

/** The one parser of the page: a pure function with a memory, so nothing has to pass it around. */
export const markdownParser = new MarkdownParser();
