import { options } from "preact";
import type { Options, VNode } from "preact";

/** The references of a vnode, under the names of Preact's build. */
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
 * Releases replaced vnodes. A component that renders itself again leaves its first vnode in its parent's props, and
 * skipped components pass on their children, so one old vnode would keep all rows rendered since. Therefore each
 * replaced vnode drops children, parent and element after the change. Must be called once, before the first render.
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
    // The old children are needed until they have been compared.
    for (const vnode of replaced) vnode.__k = vnode.__ = vnode.__e = null;
    replaced = [];
    commit?.(root, queue);
  };
}
