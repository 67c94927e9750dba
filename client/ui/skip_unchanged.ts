import { Component, h } from "preact";
import type { ComponentChild, ComponentClass, FunctionComponent } from "preact";

/**
 * Makes a component that is rendered again only if one of its props is another object, or a signal that it reads has
 * changed. Reusing elements would have the same effect, but each would keep the list in which it was first used.
 */
export function skipUnchanged<TProps extends object>(
  Drawn: FunctionComponent<TProps>,
): ComponentClass<TProps> {
  return class extends Component<TProps> {
    override shouldComponentUpdate(next: Readonly<TProps>): boolean {
      const before = this.props as Readonly<TProps>;
      const names = Object.keys(next) as (keyof TProps)[];
      return names.length !== Object.keys(before).length || names.some((name) => next[name] !== before[name]);
    }

    override render(): ComponentChild {
      return h(Drawn, this.props as TProps);
    }
  };
}
