import type { AnnouncementLevel, ComponentState } from "../../../shared/status/states.ts";
import { readPublicHtml } from "../public_html.ts";
import type { PublicNode } from "../public_html.ts";

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  ...children: (Node | string)[]
): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Makes the shape of a state or a level, which the page has once for all. */
export function stateIcon(state: ComponentState | AnnouncementLevel): SVGElement {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "use");
  shape.setAttribute("href", `#icon-${state}`);
  icon.append(shape);
  return icon;
}

/** Makes the nodes of a public text, from the markup that the server made of it. */
export function publicNodes(html: string): Node[] {
  return readPublicHtml(html).map(toNode);
}

function toNode(node: PublicNode): Node {
  if (typeof node === "string") return document.createTextNode(node);
  const { tag, attributes, children } = node;
  const rel = { rel: "noopener noreferrer nofollow" };
  return element(tag, tag === "a" ? { ...attributes, ...rel } : attributes, ...children.map(toNode));
}

/** Shows nodes in place of others, and keeps those that are already there, with the focus in them. */
export function place(parent: Element, nodes: readonly Element[]): void {
  const before = [...parent.children];
  const after = nodes.map((node) => before.find((one) => one.isEqualNode(node)) ?? node);
  if (after.length === before.length && after.every((node, index) => node === before[index])) return;
  const focused = document.activeElement;
  parent.replaceChildren(...after);
  if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
}
