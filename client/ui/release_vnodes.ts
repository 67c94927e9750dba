import { options } from "preact";
import type { Options, VNode } from "preact";

/** The parts of a drawn element that lead on, under the names that Preact's builds give them. */
interface DrawnVNode extends VNode {
  __c?: { lastVNode?: DrawnVNode } | null;
  /** Children. */
  __k: unknown;
  /** Parent. */
  __: unknown;
  /** Element of the page. */
  __e: unknown;
}

interface CommitOptions extends Options {
  __c?: (root: VNode, queue: unknown) => void;
}

/**
 * Lets go of what was drawn before. A component that draws itself anew leaves its first vnode among its parent's
 * props, and where a component was skipped its children are handed on: one old vnode so keeps every row that was
 * drawn since. Here each vnode that was replaced forgets children, parent and element once the change is in the page.
 * Call it once, before the first drawing.
 */
export function releaseVNodes(): void {
  const hooks: CommitOptions = options;
  const { diffed, __c: commit } = hooks;
  let replaced: DrawnVNode[] = [];
  hooks.diffed = (vnode) => {
    diffed?.(vnode);
    const drawn = vnode as DrawnVNode;
    const component = drawn.__c;
    if (component === null || component === undefined) return;
    const { lastVNode } = component;
    if (lastVNode !== undefined && lastVNode !== drawn) replaced.push(lastVNode);
    component.lastVNode = drawn;
  };
  hooks.__c = (root, queue) => {
    // While there are children to compare, the old ones are still needed.
    for (const vnode of replaced) vnode.__k = vnode.__ = vnode.__e = null;
    replaced = [];
    commit?.(root, queue);
  };
}
