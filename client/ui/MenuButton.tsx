import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";
import type { MenuItem } from "./Menu.tsx";

/** Props of `MenuButton`; further attributes go to the button. */
export interface MenuButtonProps extends Pick<JSX.IntrinsicElements["button"], "role" | "tabIndex"> {
  readonly item: MenuItem;
  /** Closes the menu, before the item acts. */
  readonly onClose: () => void;
}

/** The button of a menu's item. */
export function MenuButton({ item, onClose, ...rest }: MenuButtonProps): JSX.Element {
  return (
    <button
      type="button"
      {...rest}
      class={item.isDanger ? "menu-item is-danger" : "menu-item"}
      onClick={() => {
        onClose();
        item.onSelect();
      }}
    >
      {item.icon === undefined ? null : <Icon name={item.icon} />}
      {item.label}
    </button>
  );
}
