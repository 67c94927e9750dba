/** Inline content. Messages have no other: no HTML, no images, no other kinds of address. */
export type Inline =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "break" }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "strong" | "emphasis" | "strike"; readonly children: readonly Inline[] }
  | LinkInline;

/** A link; `href` was checked by `safeHref`. */
export interface LinkInline {
  readonly type: "link";
  readonly href: string;
  readonly children: readonly Inline[];
}

/** Block content. */
export type Block =
  | { readonly type: "paragraph" | "heading"; readonly children: readonly Inline[] }
  | { readonly type: "quote"; readonly children: readonly Block[] }
  | ListBlock
  | { readonly type: "code"; readonly text: string; readonly language: string }
  | { readonly type: "rule" };

/** A list; `start` is the first number, null for bullets. */
export interface ListBlock {
  readonly type: "list";
  readonly start: number | null;
  readonly items: readonly (readonly Block[])[];
}

/** Keeps the lines of a text as they are. */
export function toLines(text: string): Inline[] {
  return text.split("\n").flatMap((line, index): Inline[] => {
    const words: Inline[] = line === "" ? [] : [{ type: "text", text: line }];
    return index === 0 ? words : [{ type: "break" }, ...words];
  });
}

/** Returns a message as plain text, for messages that are too expensive to parse. */
export function plainBlocks(text: string): Block[] {
  return [{ type: "paragraph", children: toLines(text) }];
}

/** Returns the text without formatting. */
export function textOf(nodes: readonly Inline[]): string {
  return nodes.map((node) => {
    if (node.type === "break") return "\n";
    return "children" in node ? textOf(node.children) : node.text;
  }).join("");
}

/** Returns the text of a whole message without formatting. */
export function plainText(blocks: readonly Block[]): string {
  return blocks.map((block) => {
    if (block.type === "list") return plainText(block.items.flat());
    if (block.type === "quote") return plainText(block.children);
    return block.type === "rule" ? "" : textOf(block.type === "code" ? [block] : block.children);
  }).join("\n");
}
