import type { Message } from "../../shared/message.ts";
import { COPY_REFUSED, copyText } from "../ui/copy_text.ts";
import type { MenuItem } from "../ui/Menu.tsx";
import type { MessageRow } from "./grouping.ts";
import type { TimelineContext } from "./timeline_context.ts";

/** Lists the actions of a message other than reacting, the most common first. */
export function messageMenu(row: MessageRow, context: TimelineContext, which: "all" | "rare"): MenuItem[] {
  const { props, doomed } = context;
  const { model, onReply, onEdit } = props;
  const { message, offset } = row;
  const may = context.actionsOf(row);
  const items: MenuItem[] = [];
  if (which === "all" && may.mayReply) {
    items.push({ label: "Reply", icon: "reply", onSelect: () => onReply(message) });
  }
  if (which === "all" && may.mayEdit) {
    items.push({ label: "Edit", icon: "pencil", onSelect: () => onEdit(message) });
  }
  if (may.mayLink && offset !== null) {
    items.push(
      {
        label: "Copy text",
        icon: "copy",
        onSelect: () => void copy(message.text, "Text copied.", context),
      },
      {
        label: "Copy link",
        icon: "link",
        onSelect: () => void copy(linkOf(message), "Link copied.", context),
      },
      { label: "Mark unread from here", icon: "eyeOff", onSelect: () => model.markUnreadFrom(offset) },
    );
  }
  if (may.mayDelete) {
    items.push({ label: "Delete", icon: "trash", isDanger: true, onSelect: () => doomed.value = message });
  }
  return items;
}

function linkOf(message: Message): string {
  return new URL(`/r/${message.roomId}/${message.offset}`, location.href).href;
}

async function copy(text: string, done: string, { props }: TimelineContext): Promise<void> {
  if (await copyText(text)) props.onNotice(done, "plain");
  else props.onNotice(COPY_REFUSED, "bad");
}
