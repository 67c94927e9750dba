import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useComputed, useSignalEffect } from "@preact/signals";
import type { Message } from "../../shared/message.ts";
import type { Room } from "../../shared/room.ts";
import { Composer } from "../composer/Composer.tsx";
import { plainLine } from "../timeline/message_text.ts";
import { Timeline } from "../timeline/Timeline.tsx";
import type { PersonView } from "../timeline/Timeline.tsx";
import { TypingIndicator } from "../typing/TypingIndicator.tsx";
import { useSignedIn } from "./app_context.ts";
import { mayInviteInto, mayModerate } from "./room_menu.ts";
import { roomScope } from "./room_scope.ts";
import { slashCommands } from "./slash_commands.ts";
import type { SlashCommands } from "./slash_commands.ts";
import { parsePlace } from "./router/route.ts";

const UNKNOWN: PersonView = { name: "Somebody", isBot: false, role: "member" };

/** Timeline, composer and the typing line of the open room. */
export function RoomBody({ room, title }: { room: Room; title: string }): JSX.Element {
  const context = useSignedIn();
  const { app, chat, me } = context;
  const { typing, users } = chat;
  const place = app.router.place.value;
  const offset = place.type === "room" ? place.offset : null;
  const timeline = useMemo(() => chat.messages.room(room.id), [chat, room.id]);
  const isMember = useComputed(() => chat.rooms.find(room.id) !== null).value;
  const mayInvite = mayInviteInto(context, room);
  const commands = useMemo(() => slashCommands(context, room), [context, timeline]);
  // What somebody writes outlives a change of their role, but what they may do follows it.
  const door = useRef(commands);
  door.current = commands;
  const composer = useMemo(
    () => chat.createComposer(roomScope({ chat, me, timeline, commands: () => door.current })),
    [chat, timeline],
  );
  useLayoutEffect(() => () => composer[Symbol.dispose](), [composer]);
  const mayWrite = composer.permission.value === "write";

  const openedAt = useRef<number | null>(null);
  useEffect(() => {
    openedAt.current = offset;
    timeline.open(offset ?? undefined);
    return () => timeline.close();
  }, [timeline]);
  useEffect(() => {
    if (offset !== null && offset !== openedAt.current) timeline.goTo(offset);
    openedAt.current = null;
  }, [timeline, offset]);

  // A message that was deleted can be neither edited nor answered.
  useSignalEffect(() => {
    const target = composer.editing.value ?? composer.reply.value;
    if (target === null) return;
    const message = timeline.quote(target.offset).value;
    if (message === null || (message !== undefined && message.deletedAt !== null)) {
      composer.forget(target.offset);
    }
  });

  const typers = typing.typers.value.map((userId) => users.nameOf(userId));
  const replyTarget = ({ offset, by, text }: Message) => ({
    offset,
    authorName: users.nameOf(by),
    text: plainLine(text),
  });
  return (
    <div class="room-body">
      <Timeline
        key={room.id}
        model={timeline}
        me={me.id}
        roomName={title}
        people={(userId) => users.find(userId) ?? UNKNOWN}
        mayWrite={mayWrite}
        mayModerate={mayModerate(context, room)}
        announcer={chat.announcer}
        emoji={chat.emoji}
        rooms={chat.rooms.named}
        onOpenPath={(path) => {
          const there = parsePlace(new URL(path, location.href));
          app.router.go(there);
          // A link to the current page does not change the address.
          if (there.type === "room" && there.roomId === room.id && there.offset !== null) {
            timeline.goTo(there.offset);
          }
        }}
        onReply={(message) => composer.startReply(replyTarget(message))}
        onEdit={(message) => composer.startEdit(message)}
        onTakeBack={(text, replyTo) => {
          const answered = replyTo === null ? null : timeline.quote(replyTo).peek() ?? null;
          composer.restore(text, answered === null ? null : replyTarget(answered));
        }}
        onNotice={(text, kind) => app.toasts.show(text, kind)}
        calls={context.calls.value}
        startTitle={room.kind === "direct" ? `You and ${title}` : `This is the start of ${title}`}
        startText={describeStart(room, { title, workspaceName: me.workspaceName, mayWrite, mayInvite })}
        {...isMember && mayInvite ? { onInvite: () => app.router.open("invite") } : {}}
      />
      <Composer
        composer={composer}
        name={title}
        above={commands.loaded.value?.bar ?? <Waiting commands={commands} />}
        onJoin={() => void app.attempt(() => chat.rooms.join(room.id))}
      >
        <TypingIndicator names={typers} />
      </Composer>
    </div>
  );
}

/** Shown while commands are loaded, if Enter was pressed. */
function Waiting({ commands }: { commands: SlashCommands }): JSX.Element {
  return (
    <div class="compose-wait" role="status">
      {commands.waiting.value === null ? null : "Loading commands…"}
    </div>
  );
}

function describeStart(
  room: Room,
  { title, workspaceName, mayWrite, mayInvite }: {
    title: string;
    workspaceName: string;
    mayWrite: boolean;
    mayInvite: boolean;
  },
): string {
  if (room.kind === "direct") return `Only ${title} and you can read this.`;
  const who = room.kind === "private"
    ? "Only members can find this room."
    : `Everyone in ${workspaceName} can find this room.`;
  if (!mayWrite) return who;
  return mayInvite ? `Say hello, or invite people. ${who}` : "Say hello.";
}
