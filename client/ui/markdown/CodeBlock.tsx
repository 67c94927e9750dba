import { h } from "preact";
import type { ComponentChild, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../Icon.tsx";
import { withLateStyle } from "../late_style.ts";
import type { CodeNode } from "./code_node.ts";

/** Props of `CodeBlock`. */
export interface CodeBlockProps {
  readonly text: string;
  /** As written after the fence, or "". */
  readonly language: string;
}

const COPIED_SHOWN_MS = 2_000;

/** Fenced code with a copy button; highlighted when the highlighter has been fetched. */
export function CodeBlock({ text, language }: CodeBlockProps): JSX.Element {
  const code = useRef<HTMLElement>(null);
  const [nodes, setNodes] = useState<readonly CodeNode[] | null>(null);
  const [isCopied, setCopied] = useState(false);

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
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = async () => setCopied(await copyText(text, code.current));
  return (
    <div class="code-block">
      {/* It may scroll sideways, so the keyboard must reach it. */}
      <pre tabIndex={0} role="region" aria-label={language === "" ? "Code" : `Code, ${language}`} dir="ltr">
        <code ref={code}>{nodes === null ? text : nodes.map(drawNode)}</code>
      </pre>
      <button type="button" class="code-copy" onClick={() => void copy()}>
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

async function copyText(text: string, code: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // There is no clipboard without HTTPS: select the code for Ctrl+C.
    if (code === null) return false;
    getSelection()?.selectAllChildren(code);
    return document.execCommand("copy");
  }
}
