import "../base.ts";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Room } from "../../shared/room.ts";
import { InvitePeople } from "../admin/InvitePeople.tsx";
import { StatusEditor } from "../presence/StatusEditor.tsx";
import { StatusEditorModel } from "../presence/status_editor_model.ts";
import { AddMembers } from "../rooms/AddMembers.tsx";
import { BrowseRooms } from "../rooms/BrowseRooms.tsx";
import { CreateRoom } from "../rooms/CreateRoom.tsx";
import { NewDirect } from "../rooms/NewDirect.tsx";
import { RoomSettings } from "../rooms/RoomSettings.tsx";
import { ShareInto } from "../rooms/ShareInto.tsx";
import { inDisplayOrder } from "../rooms/sidebar_sections.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { useSignedIn } from "./app_context.ts";
import type { SignedIn } from "./app_context.ts";
import { followUpdates } from "./follow_updates.ts";
import { keepOffline } from "./keep_offline.ts";
import { LatePart } from "./late_part.ts";
import { settingsOf } from "./settings_models.ts";
import { mayInviteInto, mayModerate } from "./room_menu.ts";
import { SettingsDialog } from "./SettingsDialog.tsx";

export { ResetNotice } from "../settings/ResetNotice.tsx";

/** Fetched by itself, since the sign-in page has one too. */
const fetchStatus = () => import("./StatusPart.tsx");
const NOTIFY = new LatePart(() => import("./notify_part.ts"));

/** Everything that may come after the first view: the banner, and the dialog that is open. */
export function Overlays({ room }: { room: Room | null }): JSX.Element {
  const context = useSignedIn();
  const { app, chat, me } = context;
  useEffect(() => followUpdates({ app, chat }), [app, chat]);
  useEffect(() => keepOffline({ app, chat }), [app, chat]);
  // The role or the name of the user may change meanwhile.
  useEffect(() => notify(context), [app, chat, me.id]);
  const status = useMemo(() => new LatePart(fetchStatus), []);
  useEffect(() => void status.load(), [status]);
  const part = status.value.value;
  return (
    <>
      {part === null ? null : <part.RoomsStatus />}
      <OpenDialog room={room} />
      <Sharing />
    </>
  );
}

/** Tells of messages as soon as that part is loaded, until the returned function is called. */
function notify(context: SignedIn): () => void {
  let [isOver, stop] = [false, () => {}];
  void NOTIFY.load().then(({ startNotifying }) => {
    if (!isOver) stop = startNotifying(context);
  });
  return () => {
    isOver = true;
    stop();
  };
}

/** The dialog that is open, if any; `room` is the open room. */
function OpenDialog({ room }: { room: Room | null }): JSX.Element | null {
  const context = useSignedIn();
  const { app, chat, me, people } = context;
  const { router } = app;
  const close = () => router.close();
  const isGuest = me.role === "guest";

  switch (router.overlay.value) {
    case "settings":
      return <SettingsDialog onClose={close} />;
    case "public_status":
      return <SettingsDialog page="public_status" onClose={close} />;
    case "connection":
      return <SettingsDialog page="connection" onClose={close} />;
    case "own_status":
      return <StatusDialog onClose={close} />;
    case "create_room":
      return isGuest
        ? null
        : <CreateRoom model={chat.rooms} onCreated={({ id }) => app.openRoom(id)} onClose={close} />;
    case "browse":
      return isGuest ? null : (
        <BrowseRooms
          api={chat.trpc.rooms}
          isMember={(roomId) => chat.rooms.find(roomId) !== null}
          onOpen={(roomId) => app.openRoom(roomId)}
          onCreate={() => router.open("create_room")}
          onClose={close}
        />
      );
    case "new_direct":
      return isGuest ? null : (
        <NewDirect
          people={people}
          openDirect={(userId) => chat.rooms.openDirect(userId)}
          onOpened={({ id }) => app.openRoom(id)}
          onClose={close}
        />
      );
    case "invite":
      return isGuest ? null : (
        <InvitePeople
          key={String(app.isWelcome.value)}
          model={settingsOf(chat).admin}
          me={me}
          rooms={roomsForGuests(chat.rooms.rooms.value.values(), room)}
          isWelcome={app.isWelcome.value}
          onClose={() => app.endWelcome()}
        />
      );
    case "room_settings":
      return room === null || !mayModerate(context, room) ? null : (
        <RoomSettings
          key={room.id}
          room={room}
          api={chat.trpc.rooms}
          onSaved={(text) => app.toasts.show(text)}
          onClose={close}
        />
      );
    case "add_members":
      return room === null || !mayModerate(context, room) ? null : (
        <AddMembers
          roomTitle={chat.rooms.titleOf(room)}
          members={chat.members}
          people={people}
          onClose={close}
          {...(mayInviteInto(context, room) ? { onInvite: () => router.open("invite") } : {})}
        />
      );
    default:
      return null;
  }
}

/** Puts what another app shares into the composer of a room, after what stands there. */
function Sharing(): JSX.Element | null {
  const { app, chat, people } = useSignedIn();
  const place = app.router.place.value;
  if (place.type !== "share" || !chat.rooms.isReady.value) return null;
  const { secret: text } = place;
  const { entries, sections } = chat.rooms;
  return (
    <ShareInto
      text={text}
      rooms={inDisplayOrder(sections.value).flatMap((roomId) => entries.value.get(roomId) ?? [])}
      people={people}
      onPick={(roomId) => {
        const draft = chat.drafts.text(roomId).trimEnd();
        chat.drafts.set(roomId, draft === "" ? text : `${draft}\n${text}`);
        chat.drafts.flush();
        app.router.go({ type: "room", roomId, offset: null }, "replace");
      }}
      onClose={() => app.router.go({ type: "home" }, "replace")}
    />
  );
}

function StatusDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const { chat } = useSignedIn();
  const model = useMemo(
    () =>
      new StatusEditorModel({
        own: chat.presence.own,
        save: (change) => chat.presence.setText(change),
      }),
    [chat],
  );
  return (
    <Dialog title="Your status" onClose={onClose} size="small">
      <div class="dialog-body">
        <StatusEditor model={model} onSaved={onClose} />
      </div>
    </Dialog>
  );
}

/** Rooms that guests may be invited to, the open one first. */
function roomsForGuests(rooms: Iterable<Room>, open: Room | null): Room[] {
  const found = [...rooms].filter((room) => room.kind !== "direct" && room.archivedAt === null);
  return found.sort((a, b) =>
    Number(b.id === open?.id) - Number(a.id === open?.id) || a.name.localeCompare(b.name)
  );
}
