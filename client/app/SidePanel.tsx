import type { JSX } from "preact";
import type { Room } from "../../shared/room.ts";
import { MemberList } from "../rooms/MemberList.tsx";
import { PanelFrame } from "../ui/PanelFrame.tsx";
import { useSignedIn } from "./app_context.ts";
import { mayModerate, memberMenu } from "./room_menu.ts";

/** The panel of the open room, if there is one: beside it, or over it where there is no space. */
export function SidePanel({ room }: { room: Room }): JSX.Element | null {
  const { app } = useSignedIn();
  const frame = { isDialog: app.isNarrow.value, onClose: () => app.closePanel() };
  switch (app.panel.value?.type) {
    case "members":
      if (room.kind === "direct") return null;
      return (
        <PanelFrame {...frame} title="Members">
          <Members room={room} />
        </PanelFrame>
      );
    default:
      return null;
  }
}

function Members({ room }: { room: Room }): JSX.Element {
  const context = useSignedIn();
  const { app, chat, people } = context;
  const mayAdd = mayModerate(context, room) && room.archivedAt === null;
  return (
    <MemberList
      model={chat.members}
      people={people}
      actionsFor={(member) => memberMenu(context, room, member)}
      {...(mayAdd ? { onAdd: () => app.router.open("add_members") } : {})}
    />
  );
}
