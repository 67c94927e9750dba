import { h } from "preact";
import type { ComponentChild, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../Icon.tsx";
import { withLateStyle } from "../late_style.ts";
import { useCopying } from "../use_copying.ts";
import type { CodeNode } from "./code_node.ts";

/** Props of `CodeBlock`. */
export interface CodeBlockProps {
  readonly text: string;
  /** As written after the fence, or "". */
  readonly language: string;
}

/** Fenced code with a copy button; highlighted when the highlighter has been fetched. */
export function CodeBlock({ text, language }: CodeBlockProps): JSX.Element {
  const [nodes, setNodes] = useState<readonly CodeNode[] | null>(null);
  const { isCopied, copy } = useCopying(text);

  useEffect(() => {
    setNodes(null);
    if (language === "") return;
    let isGone = false;
    withLateStyle(import("./highlighter.ts")).then(({ highlightCode }) => {
      if (!isGone) setNodes(highlightCode(text, language.toLowerCase()));
    }).catch(() => {
      // The code stays without highlighting.
    });
    return () => {
      isGone = true;
    };
  }, [text, language]);
  return (
    <div class="code-block">
      {/* It may scroll sideways, so the keyboard must reach it. */}
      <pre tabIndex={0} role="region" aria-label={language === "" ? "Code" : `Code, ${language}`} dir="ltr">
        <code>{nodes === null ? text : nodes.map(drawNode)}</code>
      </pre>
      <button type="button" class="code-copy" onClick={copy}>
        <Icon name={isCopied ? "check" : "copy"} />
        <span aria-live="polite">{isCopied ? "Copied" : "Copy"}</span>
      </button>
    </div>
  );
}

function drawNode(node: CodeNode, index: number): ComponentChild {
  if (typeof node === "string") return node;
  // "title.function" becomes two classes, as in the themes of the library.
  const name = node.scope.split(".").map((part) => `code-${part}`).join(" ");
  return h("span", { key: index, class: name }, node.children.map(drawNode));
}
