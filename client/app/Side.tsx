import type { JSX } from "preact";
import { useCallback } from "preact/hooks";
import type { RoomId } from "../../shared/ids.ts";
import { RoomList } from "../rooms/RoomList.tsx";
import { Face } from "../ui/Face.tsx";
import { Icon } from "../ui/Icon.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { Menu } from "../ui/Menu.tsx";
import type { MenuItem } from "../ui/Menu.tsx";
import { STATUS_WORDS } from "../ui/status_words.ts";
import { Wordmark } from "../ui/Wordmark.tsx";
import { useSignedIn } from "./app_context.ts";
import { ConnectionBanner } from "./ConnectionBanner.tsx";

/** The sidebar: the name of the workspace, all rooms, and the user. */
export function Side({ isMain }: { isMain: boolean }): JSX.Element {
  const { app, chat, me, people, calls } = useSignedIn();
  const { router } = app;
  const views = calls.value.value;
  // The same function for all links, so that they are not rendered again when the room changes.
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
        callOf={views === null ? null : views.drawCall}
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
          : <button type="button" onClick={() => router.open("new_direct")}>Message someone</button>}
      />
      {isMain ? <ConnectionBanner /> : null}
      {views === null ? null : <views.CallBarSlot />}
      <OwnCard />
    </nav>
  );
}

/** The user at the foot of the sidebar: name, status and a button for the settings. */
function OwnCard(): JSX.Element {
  const { app, me, people } = useSignedIn();
  const text = people.textOf(me.id);
  return (
    <div class="me">
      <Face id={me.id} name={me.name} size="s">{people.dot(me.id)}</Face>
      <button type="button" class="lines" onClick={() => app.router.open("own_status")}>
        <span dir="auto">{me.name}</span>
        <small dir="auto">{text === "" ? STATUS_WORDS[people.statusOf(me.id)] : text}</small>
        <span class="visually-hidden">, set your status</span>
      </button>
      <IconButton icon="settings" label="Settings" onClick={() => app.router.open("settings")} />
    </div>
  );
}
