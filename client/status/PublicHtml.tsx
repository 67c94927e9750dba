import { h } from "preact";
import type { ComponentChild, JSX } from "preact";
import { useMemo } from "preact/hooks";
import { readPublicHtml } from "./public_html.ts";
import type { PublicNode } from "./public_html.ts";

/** Shows a public text as visitors see it, from the server's markup. All nodes are created here. */
export function PublicHtml({ html }: { readonly html: string }): JSX.Element {
  const nodes = useMemo(() => readPublicHtml(html), [html]);
  return <div class="markdown">{drawNodes(nodes)}</div>;
}

function drawNodes(nodes: readonly PublicNode[]): ComponentChild[] {
  return nodes.map((node, key) => {
    if (typeof node === "string") return node;
    const { tag, attributes, children } = node;
    const outside = tag === "a" ? { target: "_blank", rel: "noopener noreferrer nofollow" } : {};
    return h(tag, { key, ...attributes, ...outside }, drawNodes(children));
  });
}
