import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { RoomId } from "../../shared/ids.ts";
import { RoomHeader } from "../rooms/RoomHeader.tsx";
import { Button } from "../ui/Button.tsx";
import { LateConfirmDialog } from "../ui/LateConfirmDialog.tsx";
import { Empty } from "../ui/Empty.tsx";
import { steady } from "../ui/steady.ts";
import { useSignedIn } from "./app_context.ts";
import { roomMenu } from "./room_menu.ts";
import { RoomBody } from "./RoomBody.tsx";
import { useRoom } from "./use_room.ts";

/** The open room with header, messages and composer, or why it cannot be shown. */
export function RoomPane({ roomId }: { roomId: RoomId }): JSX.Element {
  const context = useSignedIn();
  const { app, chat, people } = context;
  const [isLeaving, setIsLeaving] = useState(false);
  const { rooms } = chat;
  const room = useRoom(chat, roomId);
  const { title, peer, isMember } = useMemo(() =>
    steady(() => ({
      title: room === null ? "" : rooms.titleOf(room),
      peer: rooms.peerOf(roomId),
      isMember: rooms.find(roomId) !== null,
    })), [rooms, room]).value;
  const failure = chat.preview.failure.value;
  const calls = context.calls.value.value;
  const place = app.callPlace.value;

  if (room === null || room.id !== roomId) {
    if (failure === null) return <Opening />;
    const isGone = failure.code === "not_found";
    return (
      <Empty
        isPage
        icon={isGone ? "compass" : "triangleAlert"}
        title={isGone ? "Room not found" : "The room could not be loaded"}
        actions={
          <>
            {isGone
              ? null
              : <Button icon="refresh" onClick={() => void chat.preview.load(roomId)}>Try again</Button>}
            <Button kind="primary" onClick={() => app.router.go({ type: "home" }, "replace")}>
              All rooms
            </Button>
          </>
        }
      >
        {isGone ? "It does not exist, or it is private and you are not a member." : failure.text}
      </Empty>
    );
  }
  const panel = app.panel.value?.type ?? null;
  return (
    <>
      <RoomHeader
        room={room}
        title={title}
        peer={peer}
        people={people}
        panel={panel}
        onToggle={(type) => panel === type ? app.closePanel() : app.openPanel({ type })}
        onBack={() => app.router.toList()}
        menu={[
          ...calls?.fileItems(context, room) ?? [],
          ...roomMenu(context, room, { isMember, onLeave: () => setIsLeaving(true) }),
        ]}
        call={calls === null ? null : <calls.HeaderCall room={room} isMember={isMember} />}
      />
      {calls !== null && app.isNarrow.value ? <calls.CallBarSlot /> : null}
      {calls === null ? null : <calls.RoomCallSlot room={room} title={title} />}
      {place?.roomId === roomId && place.coversMessages ? null : <RoomBody room={room} title={title} />}
      {isLeaving
        ? (
          <LateConfirmDialog
            title={`Leave ${title}?`}
            verb="Leave"
            action={() => rooms.leave(room.id)}
            onClose={() => setIsLeaving(false)}
          >
            {room.kind === "private"
              ? "It is private, so a member has to add you again."
              : "You can rejoin at any time from “Browse rooms”."}
          </LateConfirmDialog>
        )
        : null}
    </>
  );
}

function Opening(): JSX.Element {
  return (
    <div class="bar" aria-busy="true">
      <h1 class="visually-hidden">Loading room</h1>
      <span class="bone" />
    </div>
  );
}
