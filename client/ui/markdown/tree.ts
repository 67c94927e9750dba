/** Text inside a line. Nothing else can come out of a message: no HTML, no pictures, no other addresses. */
export type Inline =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "break" }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "strong" | "emphasis" | "strike"; readonly children: readonly Inline[] }
  | LinkInline;

/** A link; `href` went through `safeHref`. */
export interface LinkInline {
  readonly type: "link";
  readonly href: string;
  readonly children: readonly Inline[];
}

/** A part of a message that stands on lines of its own. */
export type Block =
  | { readonly type: "paragraph" | "heading"; readonly children: readonly Inline[] }
  | { readonly type: "quote"; readonly children: readonly Block[] }
  | ListBlock
  | { readonly type: "code"; readonly text: string; readonly language: string }
  | { readonly type: "rule" };

/** A list; `start` is the first number, null for points. */
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

/** A message without any marks, for when there is no parser yet or the marks are a tangle. */
export function plainBlocks(text: string): Block[] {
  return [{ type: "paragraph", children: toLines(text) }];
}

/** Gives what is written, without marks. */
export function textOf(nodes: readonly Inline[]): string {
  return nodes.map((node) => {
    if (node.type === "break") return "\n";
    return "children" in node ? textOf(node.children) : node.text;
  }).join("");
}
