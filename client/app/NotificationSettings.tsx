import type { JSX } from "preact";
import { PushPart } from "../push/PushPart.tsx";
import { NotificationsPage } from "../settings/NotificationsPage.tsx";
import { useSignedIn } from "./app_context.ts";
import { pushOf } from "./push_models.ts";
import { settingsOf } from "./settings_models.ts";

/** The page of the settings for notifications, with the rooms of the user. */
export function NotificationSettings(): JSX.Element {
  const context = useSignedIn();
  const { app, chat } = context;
  const push = pushOf(context);
  const { person } = settingsOf(chat);
  const rooms = [...chat.rooms.rooms.value.values()].filter(({ archivedAt }) => archivedAt === null);
  return (
    <NotificationsPage
      model={person}
      rooms={rooms.map((room) => ({ ...room, title: chat.rooms.titleOf(room) }))}
      doNotDisturb={chat.presence.own.value.doNotDisturb}
      deviceZone={new Intl.DateTimeFormat().resolvedOptions().timeZone}
      push={{
        isCovered: ["on", "blocked", "loading"].includes(push.state.value),
        children: <PushPart model={push} />,
      }}
      onRoom={(roomId, { ownLevel: level, mutedUntil }) =>
        void app.attempt(() => chat.trpc.rooms.setLevel.mutate({ roomId, level, mutedUntil }))}
    />
  );
}
