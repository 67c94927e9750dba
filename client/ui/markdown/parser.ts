import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { plainBlocks } from "./tree.ts";
import type { Block } from "./tree.ts";

type Parse = (text: string) => readonly Block[];

const KEPT_COUNT = 500;

/** Parses messages with the big parser as soon as it is there, and keeps what it found. */
export class MarkdownParser {
  readonly #parse: Signal<Parse | null> = signal(null);
  readonly #load: () => Promise<Parse>;
  readonly #kept = new Map<string, readonly Block[]>();
  #loading: Promise<void> | null = null;

  /** Makes a parser that has fetched nothing yet. */
  constructor(load: () => Promise<Parse> = loadParser) {
    this.#load = load;
  }

  /** Fetches the parser once; call it early, while the connection opens. */
  load(): Promise<void> {
    this.#loading ??= this.#load().then((parse) => {
      this.#parse.value = parse;
    }).catch(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /** Gives the blocks of a message, plain ones until the parser is there; a signal read. */
  blocks(text: string): readonly Block[] {
    const parse = this.#parse.value;
    if (parse === null) {
      void this.load();
      return plainBlocks(text);
    }
    const kept = this.#kept.get(text);
    if (kept !== undefined) return kept;
    const blocks = parse(text);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT_COUNT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(text, blocks);
    return blocks;
  }
}

async function loadParser(): Promise<Parse> {
  return (await import("./parse.ts")).parseMarkdown;
}

/** The one parser of the page: a pure function with a memory, so nothing has to pass it around. */
export const markdownParser = new MarkdownParser();
