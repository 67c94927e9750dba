import type { JSX } from "preact";
import { useCallback } from "preact/hooks";
import type { RoomId } from "../../shared/ids.ts";
import { RoomList } from "../rooms/RoomList.tsx";
import { Icon } from "../ui/Icon.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { Menu } from "../ui/Menu.tsx";
import type { MenuItem } from "../ui/Menu.tsx";
import { Wordmark } from "../ui/Wordmark.tsx";
import { useSignedIn } from "./app_context.ts";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { OwnCard } from "./OwnCard.tsx";

/** The sidebar: the place's name, all rooms, and oneself. */
export function Side({ isMain }: { isMain: boolean }): JSX.Element {
  const { app, chat, me, people } = useSignedIn();
  const { router } = app;
  // The same one for all links, or each would be drawn anew with every change of the room.
  const open = useCallback((roomId: RoomId) => app.openRoom(roomId), [app]);
  const isGuest = me.role === "guest";
  const create: MenuItem[] = isGuest ? [] : [
    { label: "New direct message", icon: "message", onSelect: () => router.open("new_direct") },
    { label: "Create a room", icon: "plus", onSelect: () => router.open("create_room") },
    { label: "Browse rooms", icon: "compass", onSelect: () => router.open("browse") },
    { label: "Invite people", icon: "userPlus", onSelect: () => router.open("invite") },
  ];
  return (
    <nav class="side" aria-label="Rooms">
      <div class="side-head">
        <div
          class="side-title"
          role={isMain ? "heading" : undefined}
          aria-level={isMain ? 1 : undefined}
        >
          <Wordmark name={me.workspaceName} />
        </div>
        {isGuest ? null : (
          <Menu label="New" items={create}>
            <Icon name="plus" />
          </Menu>
        )}
      </div>
      <RoomList
        model={chat.rooms}
        current={app.roomId.value}
        people={people}
        hasDraft={(roomId) => chat.drafts.hasDraft(roomId)}
        onOpen={open}
        roomsAction={isGuest ? undefined : (
          <IconButton
            class="is-small"
            icon="compass"
            label="Browse rooms"
            onClick={() => router.open("browse")}
          />
        )}
        directAction={isGuest ? undefined : (
          <IconButton
            class="is-small"
            icon="plus"
            label="New direct message"
            onClick={() => router.open("new_direct")}
          />
        )}
        roomsHint={isGuest
          ? "You are not in any room. Ask for an invite."
          : <button type="button" onClick={() => router.open("browse")}>Find a room to join</button>}
        directHint={isGuest
          ? undefined
          : <button type="button" onClick={() => router.open("new_direct")}>Write to someone</button>}
      />
      {isMain ? <ConnectionBanner /> : null}
      <OwnCard />
    </nav>
  );
}
