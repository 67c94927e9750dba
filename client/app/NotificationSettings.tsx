import type { JSX } from "preact";
import { NotificationsPage } from "../settings/NotificationsPage.tsx";
import { useSignedIn } from "./app_context.ts";
import { settingsOf } from "./settings_models.ts";

/** The page of the settings for notifications, with the rooms of the user. */
export function NotificationSettings(): JSX.Element {
  const { app, chat } = useSignedIn();
  const { person } = settingsOf(chat);
  const rooms = [...chat.rooms.rooms.value.values()].filter(({ archivedAt }) => archivedAt === null);
  return (
    <NotificationsPage
      model={person}
      rooms={rooms.map((room) => ({ ...room, title: chat.rooms.titleOf(room) }))}
      doNotDisturb={chat.presence.own.value.doNotDisturb}
      deviceZone={new Intl.DateTimeFormat().resolvedOptions().timeZone}
      onRoom={(roomId, { ownLevel: level, mutedUntil }) =>
        void app.attempt(() => chat.trpc.rooms.setLevel.mutate({ roomId, level, mutedUntil }))}
    />
  );
}
