import type { ComponentChildren, JSX } from "preact";
import type { UserId } from "../../shared/ids.ts";
import type { Room } from "../../shared/room.ts";
import { Face } from "../ui/Face.tsx";
import { Icon } from "../ui/Icon.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { Menu } from "../ui/Menu.tsx";
import type { MenuItem } from "../ui/Menu.tsx";
import { STATUS_WORDS } from "../ui/status_words.ts";
import type { PeopleView } from "./people_view.ts";

/** The panels that have a button in the header. */
export type HeaderPanel = "members";

/** Props of `RoomHeader`. */
export interface RoomHeaderProps {
  readonly room: Room;
  readonly title: string;
  readonly peer: UserId | null;
  readonly people: PeopleView;
  /** The type of the open panel. */
  readonly panel: string | null;
  readonly onToggle: (panel: HeaderPanel) => void;
  readonly onBack: () => void;
  readonly menu: readonly MenuItem[];
  /** The button of calls. */
  readonly call: ComponentChildren;
}

/** The room's name and topic, a back button on phones, members and the menu. */
export function RoomHeader(props: RoomHeaderProps): JSX.Element {
  const { room, title, peer, people, panel, onToggle, onBack, menu, call } = props;
  return (
    <header class="bar">
      <IconButton class="back" icon="chevronLeft" label="All rooms" onClick={onBack} />
      {room.kind === "direct"
        ? <Face id={peer ?? room.id} name={title} size="s">{peer === null ? null : people.dot(peer)}</Face>
        : null}
      <div class="bar-title">
        <h1>
          {room.kind === "private" ? <Icon name="lock" /> : null}
          <span class="name" dir="auto">{title}</span>
          {room.kind === "private" ? <span class="visually-hidden">, private room</span> : null}
          {room.archivedAt === null ? null : <span class="tag">archived</span>}
        </h1>
        <p class="topic" dir="auto" title={room.topic}>{describe(room, peer, people)}</p>
      </div>
      <div class="tools">
        {call}
        {room.kind === "direct" ? null : (
          <IconButton
            icon="users"
            label={panel === "members" ? "Hide members" : "Show members"}
            isOn={panel === "members"}
            onClick={() => onToggle("members")}
          />
        )}
        {menu.length === 0 ? null : (
          <Menu label="Room menu" items={menu}>
            <Icon name="ellipsis" />
          </Menu>
        )}
      </div>
    </header>
  );
}

function describe(room: Room, peer: UserId | null, people: PeopleView): string {
  if (room.kind !== "direct" || peer === null) return room.topic;
  return people.textOf(peer) || STATUS_WORDS[people.statusOf(peer)];
}
