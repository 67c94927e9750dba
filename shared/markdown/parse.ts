import { parse, postprocess, preprocess } from "micromark";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import { isPlain } from "./plain.ts";
import { prepareSource } from "./source.ts";
import { buildTree } from "./build_tree.ts";
import { plainBlocks } from "./tree.ts";
import type { Block } from "./tree.ts";

/** Not supported in messages: HTML, indented code and underlined headings. */
const DISABLED = [
  "characterReference",
  "codeIndented",
  "definition",
  "htmlFlow",
  "htmlText",
  "setextUnderline",
];
const OPTIONS = {
  extensions: [gfmAutolinkLiteral(), gfmStrikethrough({ singleTilde: false }), {
    disable: { null: DISABLED },
  }],
};

/** Parses a message into a tree of supported nodes. Never throws, and keeps all text. */
export function parseMarkdown(text: string): Block[] {
  return isPlain(text) ? plainBlocks(text) : parseMarkup(text);
}

/** Does the same for texts that may have markup. */
export function parseMarkup(text: string): Block[] {
  const source = prepareSource(text);
  if (source === null) return plainBlocks(text);
  const blocks = buildTree(parseTokens(source), source);
  return blocks.length === 0 ? plainBlocks(text) : blocks;
}

/** What the tokenizer finds in a prepared source: where each part of its markup begins and ends. */
export function parseTokens(source: string): ReturnType<typeof postprocess> {
  return postprocess(parse(OPTIONS).document().write(preprocess()(source, undefined, true)));
}
