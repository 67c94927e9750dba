import "../base.ts";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Call } from "../../shared/call/call_types.ts";
import type { CallId, RoomId } from "../../shared/ids.ts";
import type { Room } from "../../shared/room.ts";
import { CallTabs } from "../calls/call_tabs.ts";
import type { CallActionProps } from "../timeline/Timeline.tsx";
import { FILE_ICONS } from "../calls/files/file_icons.ts";
import { Icon } from "../ui/Icon.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import type { MenuItem } from "../ui/Menu.tsx";
import { useSignedIn } from "./app_context.ts";
import type { SignedIn } from "./app_context.ts";
import type { Chat } from "./chat.ts";
import { knownCall } from "./known_call.ts";
import { LateCall } from "./late_call.ts";
import { lateFilesOf } from "./late_files.ts";
import type { OpenCall } from "./open_call.ts";

/*
 * What calls show in the rooms before the part for calls is needed: buttons, counts, and the places in which that
 * part draws the rest.
 */

const made = new WeakMap<Chat, LateCall>();

function lateCallOf(context: SignedIn): LateCall {
  const known = made.get(context.chat);
  if (known !== undefined) return known;
  const late = new LateCall(new CallTabs(context.me.id));
  made.set(context.chat, late);
  void late.start(context);
  lateFilesOf(context, late).start();
  return late;
}

/** The call of this tab; null before one is needed. */
export function openedCall(context: SignedIn): OpenCall | null {
  return made.get(context.chat)?.opened.peek()?.call ?? null;
}

/** Opens the lobby of a call; returns false if it is over. */
export async function enterCall(context: SignedIn, callId: CallId): Promise<boolean> {
  const late = lateCallOf(context);
  const call = await knownCall(late, callId);
  if (call === null) return false;
  context.app.openRoom(call.roomId);
  (await late.open(context)).enter(call.roomId);
  return true;
}

function useLateCall(): LateCall {
  return lateCallOf(useSignedIn());
}

/** The button of calls in the header of a room: starts one, or joins the one that runs. */
export function HeaderCall({ room, isMember }: { room: Room; isMember: boolean }): JSX.Element | null {
  const context = useSignedIn();
  const late = lateCallOf(context);
  const [isLoading, setIsLoading] = useState(false);
  if (!isMember || room.archivedAt !== null || late.models.value === null) return null;
  if (late.isShownIn(room.id)) return null;
  const call = late.callIn(room.id);
  const open = async () => {
    setIsLoading(true);
    (await late.open(context)).enter(room.id);
    setIsLoading(false);
  };
  if (call === null) {
    const title = context.chat.rooms.titleOf(room);
    return (
      <IconButton
        icon="phone"
        label={room.kind === "direct" ? `Call ${title}` : "Start a call"}
        aria-busy={isLoading}
        onClick={() => void open()}
      />
    );
  }
  const count = call.participants.length;
  return (
    <button type="button" class="call-join" aria-busy={isLoading} onClick={() => void open()}>
      <Icon name="phone" />
      <span>Join · {count}</span>
      <span class="visually-hidden">
        {count === 1 ? " person is in the call" : " people are in the call"}
      </span>
    </button>
  );
}

/** Draws the call that runs in a room behind its name in the list. */
export function drawCall(roomId: RoomId): JSX.Element {
  return <RoomCall roomId={roomId} />;
}

function RoomCall({ roomId }: { roomId: RoomId }): JSX.Element | null {
  const late = useLateCall();
  const count = late.callIn(roomId)?.participants.length ?? 0;
  if (count === 0) return null;
  return (
    <span class="live">
      <Icon name="phone" />
      <span aria-hidden="true">{count}</span>
      <span class="visually-hidden">, {count} in a call</span>
    </span>
  );
}

/** What one can do about a call, behind its line in the timeline. */
export function CallAction({ roomId, event, end }: CallActionProps): JSX.Element | null {
  const context = useSignedIn();
  const late = lateCallOf(context);
  const verb = verbOf(context, { event, end, call: late.callIn(roomId), roomId });
  if (verb === null || late.isShownIn(roomId)) return null;
  return (
    <button
      type="button"
      class="sys-action"
      onClick={() => void late.open(context).then((opened) => opened.enter(roomId))}
    >
      {verb}
    </button>
  );
}

function verbOf(
  { chat, me }: SignedIn,
  { event, end, call, roomId }: CallActionProps & { readonly call: Call | null },
): string | null {
  if (event.type === "call_started" && call?.callId === event.callId) return "Join";
  const ended = end ?? (event.type === "call_ended" ? event : null);
  const room = chat.rooms.find(roomId);
  if (ended === null || !ended.missed || call !== null || room?.kind !== "direct") return null;
  return ended.userIds.includes(me.id) ? "Call again" : "Call back";
}

/** The place of a call in the pane of its room. */
export function RoomCallSlot({ room, title }: { room: Room; title: string }): JSX.Element | null {
  const late = useLateCall();
  const opened = late.opened.value;
  return opened === null ? null : <opened.views.RoomCall call={opened.call} room={room} title={title} />;
}

/** The place of the call that goes on elsewhere, or to which one can return. */
export function CallBarSlot(): JSX.Element | null {
  const context = useSignedIn();
  const late = lateCallOf(context);
  const opened = late.opened.value;
  const elsewhere = callElsewhere(late);
  const isFree = opened === null || opened.call.session.value === null;
  if (isFree && elsewhere !== null) {
    return (
      <section class="call-bar is-offer" aria-label="Call in another tab">
        <p>In a call in another tab</p>
        <button
          type="button"
          class="call-bar-verb"
          onClick={() => void late.open(context).then((call) => call.takeOver(elsewhere))}
        >
          Take over here
        </button>
      </section>
    );
  }
  return opened === null ? null : <opened.views.CallBarHere call={opened.call} />;
}

/** The call in which another tab of this browser is. */
function callElsewhere(late: LateCall): Call | null {
  const callId = late.tabs.elsewhere.value;
  const calls = late.models.value?.watch.calls.value.values() ?? [];
  return [...calls].find((call) => call.callId === callId) ?? null;
}

/** The place of cards: somebody rings, a call has ended elsewhere, or files come and go. */
export function CallCards(): JSX.Element {
  const context = useSignedIn();
  const late = lateCallOf(context);
  const files = lateFilesOf(context, late);
  const call = late.opened.value;
  const open = files.opened.value;
  return (
    <>
      {call === null ? null : <call.views.CallCards call={call.call} />}
      {open === null ? null : <open.views.FilesHere files={open.files} />}
      {files.isDropping.value
        ? (
          <p class="files-drop">
            <span>Drop files to send them</span>
          </p>
        )
        : null}
    </>
  );
}

/** What the menu of a room has for files: they go from person to person. */
export function fileItems(context: SignedIn, room: Room): MenuItem[] {
  if (room.kind !== "direct" || room.archivedAt !== null) return [];
  const files = lateFilesOf(context, lateCallOf(context));
  return [{ label: "Send a file", icon: FILE_ICONS.paperclip, onSelect: () => files.choose(room.id) }];
}
