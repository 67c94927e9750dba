import { Fragment, h } from "preact";
import type { ComponentChild, JSX } from "preact";
import { CodeBlock } from "./CodeBlock.tsx";
import { indexNames, splitNames } from "./names.ts";
import type { NamedTarget, NameIndex } from "./names.ts";
import { markdownParser } from "./parser.ts";
import { textOf } from "../../../shared/markdown/tree.ts";
import type { Block, Inline, LinkInline, ListBlock } from "../../../shared/markdown/tree.ts";

/** Props of `Markdown`. */
export interface MarkdownProps {
  readonly text: string;
  /** Users and rooms that can be named: users as resolved by the server, rooms that the reader can see. */
  readonly names?: readonly NamedTarget[];
  /** The reader, whose mentions are highlighted. */
  readonly me?: string;
  /** Opens a path of this site, `/r/…`, without loading a page. */
  readonly onOpenPath?: (path: string) => void;
}

/** Passed on by the render functions. */
interface Context extends MarkdownProps {
  readonly index: NameIndex;
}

const NO_NAMES = indexNames([]);
const TAGS = { strong: "strong", emphasis: "em", strike: "s" } as const;
const ONLY_EMOJI =
  /^(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}])[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d\ufe0f ]{1,24}$/u;

/** Renders the formatted text of a message. All nodes are created here: no HTML is ever parsed. */
export function Markdown(props: MarkdownProps): JSX.Element {
  const { text, names } = props;
  const index = names === undefined ? NO_NAMES : indexNames(names);
  const context: Context = { ...props, index };
  const blocks = markdownParser.blocks(text);
  const className = ONLY_EMOJI.test(text) ? "markdown is-emoji" : "markdown";
  return <div class={className}>{drawBlocks(blocks, context)}</div>;
}

function drawBlock(block: Block, key: number, context: Context): ComponentChild {
  switch (block.type) {
    case "paragraph":
      return <p key={key} dir="auto">{drawInlines(block.children, context)}</p>;
    case "heading":
      // Not a heading element: screen readers would list it among those of the page.
      return <p key={key} class="markdown-heading" dir="auto">{drawInlines(block.children, context)}</p>;
    case "quote":
      return <blockquote key={key} dir="auto">{drawBlocks(block.children, context)}</blockquote>;
    case "list":
      return drawList(block, key, context);
    case "code":
      return <CodeBlock key={key} text={block.text} language={block.language} />;
    case "rule":
      return <hr key={key} />;
  }
}

function drawBlocks(blocks: readonly Block[], context: Context): ComponentChild[] {
  return blocks.map((block, index) => drawBlock(block, index, context));
}

function drawList({ start, items }: ListBlock, key: number, context: Context): ComponentChild {
  const rows = items.map((item, index) => <li key={index} dir="auto">{drawBlocks(item, context)}</li>);
  return start === null ? <ul key={key}>{rows}</ul> : <ol key={key} start={start}>{rows}</ol>;
}

function drawInlines(nodes: readonly Inline[], context: Context): ComponentChild[] {
  return nodes.map((node, index) => drawInline(node, index, context));
}

function drawInline(node: Inline, key: number, context: Context): ComponentChild {
  switch (node.type) {
    case "text":
      return <Fragment key={key}>{drawText(node.text, context)}</Fragment>;
    case "break":
      return <br key={key} />;
    case "code":
      return <code key={key} dir="ltr">{node.text}</code>;
    case "link":
      return drawLink(node, key, context);
    default:
      return h(TAGS[node.type], { key }, drawInlines(node.children, context));
  }
}

function drawLink({ href, children }: LinkInline, key: number, context: Context): ComponentChild {
  const title = textOf(children) === href ? undefined : href;
  return (
    <a
      key={key}
      href={href}
      title={title}
      target="_blank"
      rel="noopener noreferrer"
      onClick={(event) => openHere(event, href, context)}
    >
      {drawInlines(children, { ...context, index: NO_NAMES })}
    </a>
  );
}

function drawText(text: string, context: Context): ComponentChild[] {
  return splitNames(text, context.index).map(({ text: words, target }, index) => {
    if (target === null) return words;
    if (target.sigil === "@") {
      const className = target.id === context.me ? "at is-me" : "at";
      return <bdi key={index} class={className}>{words}</bdi>;
    }
    const path = `/r/${target.id}`;
    return (
      <a key={index} class="at" href={path} onClick={(event) => openHere(event, path, context)}>
        <bdi>{words}</bdi>
      </a>
    );
  });
}

/** A plain click on a link to a room or message of this site does not reload the page. */
function openHere(event: MouseEvent, href: string, { onOpenPath }: Context): void {
  const url = new URL(href, location.href);
  if (url.origin !== location.origin || !url.pathname.startsWith("/r/")) return;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!isPlain || onOpenPath === undefined) return;
  event.preventDefault();
  onOpenPath(url.pathname);
}
