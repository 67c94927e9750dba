import type { JSX } from "preact";
import type { RoomMember } from "../../shared/room.ts";
import { Face } from "../ui/Face.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Menu } from "../ui/Menu.tsx";
import type { MenuItem } from "../ui/Menu.tsx";
import { describeRole } from "./member_groups.ts";
import type { PeopleView } from "./people_view.ts";

/** Props of `MemberRow`. */
export interface MemberRowProps {
  readonly member: RoomMember;
  readonly people: PeopleView;
  readonly actions: readonly MenuItem[];
  readonly onMenu: (isOpen: boolean) => void;
}

/** One member: avatar, name, status, role and actions. */
export function MemberRow({ member, people, actions, onMenu }: MemberRowProps): JSX.Element {
  const { user } = member;
  const status = people.statusOf(user.id);
  const role = describeRole(member);
  const text = people.textOf(user.id);
  return (
    <div class={status === "offline" ? "person is-offline" : "person"}>
      <Face id={user.id} name={user.name} size="s">{people.dot(user.id)}</Face>
      <span class="lines">
        <span dir="auto">{user.name}{user.id === people.me ? " (you)" : ""}</span>
        {text === "" ? null : <small dir="auto">{text}</small>}
      </span>
      {role === null ? null : <span class="role">{role}</span>}
      {actions.length === 0 ? null : (
        <Menu
          class="icon-button is-small person-menu"
          label={`Actions for ${user.name}`}
          items={actions}
          onToggle={onMenu}
        >
          <Icon name="ellipsis" />
        </Menu>
      )}
    </div>
  );
}
