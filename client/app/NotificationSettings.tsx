import type { JSX } from "preact";
import { PushPart } from "../push/PushPart.tsx";
import type { PushState } from "../push/push_model.ts";
import { NotificationsPage } from "../settings/NotificationsPage.tsx";
import { useSignedIn } from "./app_context.ts";
import { pushOf } from "./push_models.ts";
import { settingsOf } from "./settings_models.ts";

/** What the switch for pushes says then holds for open pages too. */
const COVERED: readonly PushState[] = ["loading", "on", "blocked", "insecure", "home_screen"];

/** Whether there is nothing more to say of notifications while Parley is open: the switch asks for both. */
function isCovered(state: PushState): boolean {
  return COVERED.includes(state) || (state === "off" && Notification.permission === "default");
}

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
        isCovered: isCovered(push.state.value),
        children: <PushPart model={push} />,
      }}
      onRoom={(roomId, { ownLevel: level, mutedUntil }) =>
        void app.attempt(() => chat.trpc.rooms.setLevel.mutate({ roomId, level, mutedUntil }))}
    />
  );
}
