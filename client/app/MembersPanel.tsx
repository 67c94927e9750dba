import type { JSX } from "preact";
import type { Room } from "../../shared/room.ts";
import { MemberList } from "../rooms/MemberList.tsx";
import { useSignedIn } from "./app_context.ts";
import { mayModerate, memberMenu } from "./room_menu.ts";

/** The members beside the open room; on a phone over it. */
export function MembersPanel({ room }: { room: Room }): JSX.Element {
  const context = useSignedIn();
  const { app, chat, people } = context;
  const close = () => {
    if (app.isPanelOver.peek()) app.router.close();
    else app.preferences.set({ isPanelOpen: false });
  };
  const mayAdd = mayModerate(context, room) && room.archivedAt === null;
  return (
    <MemberList
      model={chat.members}
      people={people}
      isDialog={app.isNarrow.value}
      onClose={close}
      actionsFor={(member) => memberMenu(context, room, member)}
      {...(mayAdd ? { onAdd: () => app.router.open("add_members") } : {})}
    />
  );
}
