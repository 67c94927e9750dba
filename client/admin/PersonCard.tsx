import type { ComponentChildren, JSX } from "preact";
import type { UserId } from "../../shared/ids.ts";
import type { Me, Role, User } from "../../shared/user.ts";
import { Face } from "../ui/Face.tsx";
import { Icon } from "../ui/Icon.tsx";
import { LATE_ICONS } from "../ui/late_icons.ts";
import { Menu } from "../ui/Menu.tsx";
import type { MenuItem } from "../ui/Menu.tsx";
import { mayDeactivate, mayReset, rolesToGive } from "./admin_model.ts";

/** Props of `PersonCard`. */
export interface PersonCardProps {
  readonly user: User;
  readonly me: Me;
  readonly dot: (userId: UserId) => ComponentChildren;
  /** Resolves to false if the role was not changed. */
  readonly onRole: (role: Role) => Promise<boolean>;
  readonly onReset: () => void;
  readonly onDeactivate: () => void;
}

/** One account and its actions. */
export function PersonCard(props: PersonCardProps): JSX.Element {
  const { user, me, dot, onRole, onReset, onDeactivate } = props;
  const isGone = user.deactivatedAt !== null;
  const roles = rolesToGive(me, user);
  const items: MenuItem[] = [];
  if (mayReset(me, user)) {
    items.push({ label: "Create a reset link", icon: LATE_ICONS.key, onSelect: onReset });
  }
  if (mayDeactivate(me, user)) {
    items.push({ label: "Deactivate", icon: "userMinus", isDanger: true, onSelect: onDeactivate });
  }
  return (
    <div class={isGone ? "card-row is-gone" : "card-row"}>
      <Face id={user.id} name={user.name} size="s">{isGone ? null : dot(user.id)}</Face>
      <span class="card-row-words">
        <span dir="auto">{user.name}{user.id === me.id ? " (you)" : ""}</span>
        {/* Where the role can be chosen it stands in the choice already. */}
        {isGone || user.isBot || roles.length === 0
          ? <small>{isGone ? "deactivated" : user.isBot ? "bot" : user.role}</small>
          : null}
      </span>
      {roles.length === 0 ? null : (
        <select
          class="input input-small"
          aria-label={`Role of ${user.name}`}
          value={user.role}
          onChange={(event) => {
            const select = event.currentTarget;
            const role = roles.find((one) => one === select.value);
            if (role === undefined) return;
            void onRole(role).then((isDone) => {
              if (!isDone) select.value = user.role;
            });
          }}
        >
          {roles.map((role) => <option key={role} value={role}>{role}</option>)}
        </select>
      )}
      {items.length === 0 ? null : (
        <Menu label={`Actions for ${user.name}`} items={items}>
          <Icon name="ellipsis" />
        </Menu>
      )}
    </div>
  );
}
