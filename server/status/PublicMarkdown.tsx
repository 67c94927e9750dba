import { Fragment, h } from "preact";
import type { ComponentChild, JSX } from "preact";
import { renderToString } from "preact-render-to-string";
import { parseMarkdown } from "../../shared/markdown/parse.ts";
import type { Block, Inline } from "../../shared/markdown/tree.ts";
import { ReadCache } from "../kv/read_cache.ts";

const TAGS = { strong: "strong", emphasis: "em", strike: "s" } as const;

/** An update or an announcement, which is replaced as a whole when its text changes. */
export interface TextSource {
  readonly text: string;
}

/** A text and what was made of it. */
interface ParsedText {
  readonly blocks: readonly Block[];
  html: string | null;
}

/** More than there are in what is open on an eventful day. */
const PARSED_MAX_COUNT = 300;

/** Parsing takes milliseconds, and each text is drawn for every page, feed and language, every second. */
const parsedBySource = new WeakMap<TextSource, ParsedText>();
/** A change of an incident reads all its texts from storage again, of which only one is new. */
const parsedByText = new ReadCache<string, ParsedText>({ maxCount: PARSED_MAX_COUNT });

/** A text of the status page with its marks, without any script; it is parsed once for each `source`. */
export function PublicMarkdown({ source }: { readonly source: TextSource }): JSX.Element {
  const parsed = parsedBySource.getOrInsertComputed(source, ({ text }) => parsedOf(text));
  return <>{drawBlocks(parsed.blocks)}</>;
}

/** The same as markup, for feeds and for clients that show it as it is. It is remembered for a while. */
export function publicMarkdown(text: string): string {
  const parsed = parsedOf(text);
  return parsed.html ??= htmlOf(parsed.blocks);
}

/** The same for a text that nobody may ever publish. */
export function previewMarkdown(text: string): string {
  return htmlOf(parseMarkdown(text));
}

function parsedOf(text: string): ParsedText {
  const known = parsedByText.peek(text);
  if (known !== undefined) return known;
  const parsed = { blocks: parseMarkdown(text), html: null };
  parsedByText.set(text, parsed);
  return parsed;
}

function htmlOf(blocks: readonly Block[]): string {
  return renderToString(<>{drawBlocks(blocks)}</>);
}

function drawBlocks(blocks: readonly Block[]): ComponentChild[] {
  return blocks.map((block, index) => <Fragment key={index}>{drawBlock(block)}</Fragment>);
}

function drawBlock(block: Block): ComponentChild {
  switch (block.type) {
    case "paragraph":
      return <p dir="auto">{drawInlines(block.children)}</p>;
    case "heading":
      // Not a heading of the page, whose outline belongs to the incidents.
      return <p dir="auto">{h("strong", {}, drawInlines(block.children))}</p>;
    case "quote":
      return <blockquote dir="auto">{drawBlocks(block.children)}</blockquote>;
    case "list": {
      const items = block.items.map((item, index) => <li key={index} dir="auto">{drawBlocks(item)}</li>);
      return block.start === null ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
    case "code":
      return <pre dir="ltr"><code>{block.text}</code></pre>;
    case "rule":
      return <hr />;
  }
}

function drawInlines(nodes: readonly Inline[]): ComponentChild[] {
  return nodes.map((node, index) => <Fragment key={index}>{drawInline(node)}</Fragment>);
}

function drawInline(node: Inline): ComponentChild {
  switch (node.type) {
    case "text":
      return node.text;
    case "break":
      return <br />;
    case "code":
      return <code dir="ltr">{node.text}</code>;
    case "link":
      return <a href={node.href} rel="noopener noreferrer nofollow">{drawInlines(node.children)}</a>;
    default:
      return h(TAGS[node.type], {}, drawInlines(node.children));
  }
}
