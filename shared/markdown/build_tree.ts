import type { postprocess } from "micromark";
import { splitBareLinks } from "./bare_links.ts";
import type { BareLink } from "./bare_links.ts";
import { hiddenHost, safeHref } from "./links.ts";
import { restoreText } from "./source.ts";
import { textOf, toLines } from "./tree.ts";
import type { Block, Inline } from "./tree.ts";

/** What the tokenizer found: the start or the end of a token, and how to read the token's text. */
type TokenEvent = ReturnType<typeof postprocess>[number];
type Token = TokenEvent[1];

/** A token that has not ended, with everything found in it so far. */
interface OpenToken {
  readonly type: string;
  readonly isInLink: boolean;
  /** Blocks of the message, of a quote, or of the last item of a list. */
  blocks: Block[];
  readonly items: Block[][];
  /** The first number of a list. */
  start: number | null;
  inlines: Inline[];
  /** Text after the last of `inlines`; in one piece, because an address may go on in the next token. */
  text: string;
  /** All text without markup. */
  value: string;
  /** Address of a link, or language of code. */
  info: string;
}

/** Tokens that have content; others are only text, or nothing. */
const OPENED: ReadonlySet<string> = new Set([
  "atxHeading",
  "autolink",
  "blockQuote",
  "codeFenced",
  "codeFencedFenceInfo",
  "codeFencedFenceMeta",
  "codeText",
  "emphasis",
  "image",
  "label",
  "link",
  "listOrdered",
  "listUnordered",
  "literalAutolink",
  "paragraph",
  "resourceDestinationString",
  "resourceTitleString",
  "strikethrough",
  "strong",
]);
/** Between the parts of these, a new line is no text. */
const LINELESS: ReadonlySet<string> = new Set([
  "blockQuote",
  "image",
  "link",
  "listOrdered",
  "listUnordered",
]);
const LINKS: ReadonlySet<string> = new Set(["autolink", "link", "literalAutolink"]);
/** Addresses without markup, with what they lack. */
const ADDRESSES: ReadonlyMap<string, string> = new Map([
  ["autolinkEmail", "mailto:"],
  ["autolinkProtocol", ""],
  ["literalAutolinkEmail", "mailto:"],
  ["literalAutolinkHttp", ""],
  ["literalAutolinkWww", "http://"],
]);
const TEXTS: ReadonlySet<string> = new Set([
  "characterEscapeValue",
  "codeFlowValue",
  "codeTextData",
  "data",
  ...ADDRESSES.keys(),
]);
const OUTER_LINE_ENDS = /^(\r?\n|\r)|(\r?\n|\r)$/g;

/** Builds the tree of a message from what the tokenizer found in its source. */
export function buildTree(events: readonly TokenEvent[], source: string): Block[] {
  const builder = new TreeBuilder(source);
  for (const event of events) {
    if (event[0] === "enter") builder.enter(event);
    else builder.exit(event);
  }
  return builder.blocks;
}

class TreeBuilder {
  readonly #source: string;
  readonly #open: OpenToken[] = [];
  #top = openToken("root", false);
  /** The next line end belongs to a break. */
  #isAfterBreak = false;

  readonly blocks: Block[] = this.#top.blocks;

  constructor(source: string) {
    this.#source = source;
  }

  enter([, token, context]: TokenEvent): void {
    const { type } = token;
    if (type === "listItemPrefix") this.#top.items.push(this.#top.blocks = []);
    else if (type === "listItemValue") this.#top.start ??= Number(context.sliceSerialize(token));
    if (!OPENED.has(type)) return;
    this.#open.push(this.#top);
    this.#top = openToken(type, this.#top.isInLink || LINKS.has(type));
  }

  exit([, token, context]: TokenEvent): void {
    const { type } = token;
    if (OPENED.has(type)) this.#close(token);
    else if (type === "thematicBreak") this.#top.blocks.push({ type: "rule" });
    else if (type === "lineEnding") this.#endLine(context.sliceSerialize(token));
    else if (type === "hardBreakEscape" || type === "hardBreakTrailing") {
      this.#add([{ type: "break" }], "");
      this.#isAfterBreak = true;
    } else if (TEXTS.has(type)) this.#addText(context.sliceSerialize(token), ADDRESSES.get(type));
  }

  #endLine(text: string): void {
    if (!this.#isAfterBreak && this.#open.length > 0 && !LINELESS.has(this.#top.type)) this.#addText(text);
    this.#isAfterBreak = false;
  }

  #addText(text: string, scheme?: string): void {
    this.#top.text += text;
    this.#top.value += text;
    if (scheme !== undefined) this.#top.info = scheme + text;
  }

  /** Adds nodes of inline content, with their text. */
  #add(nodes: readonly Inline[], value: string): void {
    inlinesOf(this.#top).push(...nodes);
    this.#top.value += value;
  }

  /** A mark without content, such as a single `#` or `-`, is kept as text. */
  #addBlock(block: Block, token: Token): void {
    const isKept = hasContent(block);
    this.#top.blocks.push(isKept ? block : { type: "paragraph", children: toLines(this.#written(token)) });
  }

  #written({ start, end }: Token): string {
    return restoreText(this.#source.slice(start.offset, end.offset));
  }

  #close(token: Token): void {
    const closed = this.#top;
    const { type, value, info } = closed;
    const top = this.#top = this.#open.pop() ?? closed;
    switch (type) {
      case "paragraph":
        return this.#addBlock({ type, children: inlinesOf(closed) }, token);
      case "atxHeading":
        return this.#addBlock({ type: "heading", children: inlinesOf(closed) }, token);
      case "blockQuote":
        return this.#addBlock({ type: "quote", children: closed.blocks }, token);
      case "listOrdered":
      case "listUnordered":
        return this.#addBlock({ type: "list", start: closed.start, items: closed.items }, token);
      case "codeFenced": {
        const text = restoreText(value.replace(OUTER_LINE_ENDS, ""));
        return this.#addBlock({ type: "code", text, language: restoreText(info) }, token);
      }
      case "codeText":
        return this.#add([{ type: "code", text: restoreText(value) }], value);
      case "emphasis":
      case "strong":
        return this.#add([{ type, children: inlinesOf(closed) }], value);
      case "strikethrough":
        return this.#add([{ type: "strike", children: inlinesOf(closed) }], value);
      case "image":
        return this.#add(toLink(info, toLines(restoreText(value)), this.#written(token)), value);
      case "autolink":
      case "link":
      case "literalAutolink":
        return this.#add(toLink(info, inlinesOf(closed), this.#written(token)), value);
      case "label":
        top.inlines = inlinesOf(closed);
        top.value = value;
        return;
      case "codeFencedFenceInfo":
      case "resourceDestinationString":
        top.info = value;
    }
  }
}

function openToken(type: string, isInLink: boolean): OpenToken {
  return { type, isInLink, blocks: [], items: [], start: null, inlines: [], text: "", value: "", info: "" };
}

/** Returns the inline content of a token, and makes its text part of it. */
function inlinesOf(open: OpenToken): Inline[] {
  const { inlines, text, isInLink } = open;
  open.text = "";
  inlines.push(...isInLink ? toLines(restoreText(text)) : splitBareLinks(text).flatMap(toPart));
  return inlines;
}

function toPart(part: string | BareLink): Inline[] {
  const words = restoreText(typeof part === "string" ? part : part.text);
  return typeof part === "string" ? toLines(words) : toLink(part.url, toLines(words), words);
}

function toLink(url: string, words: Inline[], written: string): Inline[] {
  const href = safeHref(restoreText(url));
  if (href === null) return toLines(written);
  const shown = textOf(words).trim();
  const children: Inline[] = shown === "" ? [{ type: "text", text: href }] : words;
  const host = hiddenHost(shown, href);
  const warning: Inline[] = host === null ? [] : [{ type: "text", text: ` (${host})` }];
  return [{ type: "link", href, children: [...children, ...warning] }];
}

function hasContent(block: Block): boolean {
  switch (block.type) {
    case "list":
      return block.items.some((item) => item.length > 0);
    case "code":
      return block.text !== "";
    case "rule":
      return true;
    default:
      return block.children.length > 0;
  }
}
