// Builds the tree of a message by way of the stock packages, as a reference for our own builder.
// deno-lint-ignore-file no-import-prefix -- test tools: kept out of deno.json, which every start fetches
import type {
  BlockContent,
  DefinitionContent,
  Nodes,
  PhrasingContent,
  RootContent,
} from "npm:@types/mdast@4.0.4";
import { fromMarkdown } from "npm:mdast-util-from-markdown@2.1.0";
import type { CompileContext, Extension, Token } from "npm:mdast-util-from-markdown@2.1.0";
import { gfmStrikethroughFromMarkdown } from "npm:mdast-util-gfm-strikethrough@2.0.1";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import { splitBareLinks } from "../../../shared/markdown/bare_links.ts";
import type { BareLink } from "../../../shared/markdown/bare_links.ts";
import { hiddenHost, safeHref } from "../../../shared/markdown/links.ts";
import { prepareSource, restoreText } from "../../../shared/markdown/source.ts";
import { plainBlocks, textOf, toLines } from "../../../shared/markdown/tree.ts";
import type { Block, Inline } from "../../../shared/markdown/tree.ts";

const DISABLED = [
  "characterReference",
  "codeIndented",
  "definition",
  "htmlFlow",
  "htmlText",
  "setextUnderline",
];
const BARE_LINKS: Extension = {
  enter: {
    literalAutolink(token) {
      this.enter({ type: "link", url: "", children: [] }, token);
    },
    literalAutolinkEmail: enterAddress,
    literalAutolinkHttp: enterAddress,
    literalAutolinkWww: enterAddress,
  },
  exit: {
    literalAutolink(token) {
      this.exit(token);
    },
    literalAutolinkEmail(token) {
      this.config.exit.autolinkEmail?.call(this, token);
    },
    literalAutolinkHttp: exitAddress,
    literalAutolinkWww(token) {
      exitAddress.call(this, token);
      const link = this.stack.at(-1);
      if (link?.type === "link") link.url = `http://${link.url}`;
    },
  },
};
const OPTIONS = {
  extensions: [gfmAutolinkLiteral(), gfmStrikethrough({ singleTilde: false }), {
    disable: { null: DISABLED },
  }],
  mdastExtensions: [BARE_LINKS, gfmStrikethroughFromMarkdown()],
};

/** Parses a message as `parseMarkup` does. */
export function stockTree(text: string): Block[] {
  const source = prepareSource(text);
  if (source === null) return plainBlocks(text);
  const blocks = toBlocks(fromMarkdown(source, OPTIONS).children, source);
  return blocks.length === 0 ? plainBlocks(text) : blocks;
}

function enterAddress(this: CompileContext, token: Token): void {
  this.config.enter.autolinkProtocol?.call(this, token);
}

function exitAddress(this: CompileContext, token: Token): void {
  this.config.exit.autolinkProtocol?.call(this, token);
}

function toBlocks(nodes: readonly RootContent[], source: string): Block[] {
  return nodes.map((node) => {
    const block = toBlock(node as BlockContent | DefinitionContent, source);
    return block !== null && hasContent(block) ? block : asWritten(node, source);
  });
}

function toBlock(node: BlockContent | DefinitionContent, source: string): Block | null {
  switch (node.type) {
    case "paragraph":
    case "heading":
      return { type: node.type, children: toInlines(node.children, source) };
    case "blockquote":
      return { type: "quote", children: toBlocks(node.children, source) };
    case "list":
      return {
        type: "list",
        start: node.ordered ? node.start ?? 1 : null,
        items: node.children.map((item) => toBlocks(item.children, source)),
      };
    case "code":
      return { type: "code", text: restoreText(node.value), language: restoreText(node.lang ?? "") };
    case "thematicBreak":
      return { type: "rule" };
    default:
      return null;
  }
}

function toInlines(nodes: readonly PhrasingContent[], source: string, isInLink = false): Inline[] {
  return nodes.flatMap((node) => toInline(node, source, isInLink));
}

function toInline(node: PhrasingContent, source: string, isInLink: boolean): Inline[] {
  switch (node.type) {
    case "text":
      return isInLink ? toLines(restoreText(node.value)) : splitBareLinks(node.value).flatMap(toPart);
    case "break":
      return [{ type: "break" }];
    case "inlineCode":
      return [{ type: "code", text: restoreText(node.value) }];
    case "strong":
    case "emphasis":
      return [{ type: node.type, children: toInlines(node.children, source, isInLink) }];
    case "delete":
      return [{ type: "strike", children: toInlines(node.children, source, isInLink) }];
    case "link":
      return toLink(node.url, toInlines(node.children, source, true), sliceOf(node, source));
    case "image":
      return toLink(node.url, toLines(restoreText(node.alt ?? "")), sliceOf(node, source));
    default:
      return toLines(sliceOf(node, source));
  }
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

/** A mark without content, such as a single `#` or `-`, is kept as text. */
function hasContent(block: Block): boolean {
  switch (block.type) {
    case "paragraph":
    case "heading":
      return block.children.length > 0;
    case "quote":
      return block.children.length > 0;
    case "list":
      return block.items.some((item) => item.length > 0);
    case "code":
      return block.text !== "";
    case "rule":
      return true;
  }
}

function asWritten(node: Nodes, source: string): Block {
  return { type: "paragraph", children: toLines(sliceOf(node, source)) };
}

function sliceOf(node: Nodes, source: string): string {
  return restoreText(source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0));
}
