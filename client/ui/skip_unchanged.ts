import { Component, h } from "preact";
import type { ComponentChild, ComponentClass, FunctionComponent } from "preact";

/**
 * Makes a component that is drawn anew only when one of its props is another one; signals that it reads draw it as
 * ever. Elements that are kept for the same end would each keep the list that they first stood in.
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
