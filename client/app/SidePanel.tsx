import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import type { Room } from "../../shared/room.ts";
import { MemberList } from "../rooms/MemberList.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { useSignedIn } from "./app_context.ts";
import { mayModerate, memberMenu } from "./room_menu.ts";
import type { Panel } from "./router/route.ts";

/** The panel of the open room, if any: beside it, or over it where there is no space. */
export function SidePanel({ room }: { room: Room }): JSX.Element | null {
  const { app } = useSignedIn();
  const panel = app.panel.value;
  if (panel === null) return null;
  const { title, content } = drawPanel(panel, room);
  return (
    <PanelFrame title={title} isDialog={app.isNarrow.value} onClose={() => app.closePanel()}>
      {content}
    </PanelFrame>
  );
}

function drawPanel(panel: Panel, room: Room): { readonly title: string; readonly content: JSX.Element } {
  switch (panel.type) {
    case "members":
      return { title: "Members", content: <Members room={room} /> };
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

interface PanelFrameProps {
  readonly title: string;
  /** True on a phone: the panel lies over the room as a dialog. */
  readonly isDialog: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A panel with its title and a button to close it. */
function PanelFrame({ title, isDialog, onClose, children }: PanelFrameProps): JSX.Element {
  const id = useId();
  if (isDialog) return <Dialog title={title} onClose={onClose} size="wide">{children}</Dialog>;
  return (
    <aside class="panel" aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        <IconButton icon="x" label={`Close ${title.toLowerCase()}`} onClick={onClose} />
      </header>
      {children}
    </aside>
  );
}
