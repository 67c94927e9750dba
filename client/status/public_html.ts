/** An element of a public text. */
export interface PublicElement {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly PublicNode[];
}

/** A part of a public text. */
export type PublicNode = string | PublicElement;

/** The elements of texts, and below the attributes that they may have. Whatever else comes is left out. */
const TAGS = /^(?:p|blockquote|[uo]l|li|pre|code|strong|em|s|a|[bh]r)$/;
// The server escapes < in attributes too; a search that stops there takes time by the length of the text.
const TOKEN = /<(\/?)([a-z]+)((?:\s+[a-z-]+(?:="[^"<]*")?)*)\s*\/?>/g;
const ATTRIBUTE = /\s(dir|start|href)="([^"<]*)"/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", quot: '"' };
const SAFE_ADDRESS = /^(?:https?:|mailto:)/i;

interface OpenElement {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: PublicNode[];
}

/**
 * Reads the markup that the server makes of public texts. The parser of messages would cost the sign-in page half of
 * its size; and the browser's own parser may not be fed with text.
 */
export function readPublicHtml(html: string): readonly PublicNode[] {
  const root: OpenElement = { tag: "", attributes: {}, children: [] };
  const open = [root];
  let at = 0;
  const last = () => open.at(-1) ?? root;
  const addText = (text: string) => {
    if (text !== "") last().children.push(decode(text));
  };
  for (const { 0: token, 1: slash, 2: tag = "", 3: rest = "", index } of html.matchAll(TOKEN)) {
    addText(html.slice(at, index));
    at = index + token.length;
    if (!TAGS.test(tag)) continue;
    if (slash === "/") {
      if (open.length > 1 && last().tag === tag) open.pop();
      continue;
    }
    const element: OpenElement = { tag, attributes: readAttributes(rest), children: [] };
    last().children.push(element);
    // Others than br and hr have an end.
    if (!tag.endsWith("r")) open.push(element);
  }
  addText(html.slice(at));
  return root.children;
}

/** Returns the words of a public text, for screen readers. */
export function wordsOf(nodes: readonly PublicNode[]): string {
  return nodes.map((node) => typeof node === "string" ? node : ` ${wordsOf(node.children)} `).join("")
    .replace(/\s+/g, " ").replace(/ ([.,;:!?])/g, "$1").trim();
}

function readAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = "", value = ""] of text.matchAll(ATTRIBUTE)) {
    const decoded = decode(value);
    if (name !== "href" || SAFE_ADDRESS.test(decoded)) attributes[name] = decoded;
  }
  return attributes;
}

function decode(text: string): string {
  return text.replace(/&(amp|lt|quot);/g, (_, name: string) => ENTITIES[name] ?? "");
}
