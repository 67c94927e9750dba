import type { JSX } from "preact";
import { Icon } from "../ui/Icon.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { Menu } from "../ui/Menu.tsx";
import { EmojiButton } from "../ui/emoji/EmojiButton.tsx";
import type { MessageRow } from "./grouping.ts";
import { messageMenu } from "./message_menu.ts";
import { QuickReactions } from "./QuickReactions.tsx";
import type { TimelineContext } from "./timeline_context.ts";

/** The actions of the message under the pointer. */
export function MessageActions(
  { row, context }: { row: MessageRow; context: TimelineContext },
): JSX.Element | null {
  const { model, onReply, onEdit, emoji } = context.props;
  const { message, offset } = row;
  const may = context.actionsOf(row);
  const menu = messageMenu(row, context, "rare");
  if (offset === null || menu.length === 0) return null;
  return (
    <div class="acts" role="group" aria-label={`Actions for ${context.nameOf(message.by)}'s message`}>
      {may.mayReact
        ? (
          <>
            <QuickReactions row={row} context={context} count={3} />
            <EmojiButton
              label="Add a reaction"
              class="is-small"
              catalog={emoji}
              onPick={(picked) => model.changes.react(offset, picked, true)}
            />
          </>
        )
        : null}
      {may.mayReply
        ? (
          <IconButton
            icon="reply"
            label="Reply"
            class="is-small"
            onClick={() => onReply(message)}
          />
        )
        : null}
      {may.mayEdit
        ? (
          <IconButton
            icon="pencil"
            label="Edit"
            class="is-small"
            onClick={() => onEdit(message)}
          />
        )
        : null}
      <Menu label="More" class="icon-button is-small" items={menu}>
        <Icon name="ellipsis" />
      </Menu>
    </div>
  );
}
