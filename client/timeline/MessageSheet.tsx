import type { JSX } from "preact";
import { Dialog } from "../ui/Dialog.tsx";
import { MenuButton } from "../ui/MenuButton.tsx";
import type { MessageRow } from "./grouping.ts";
import { messageMenu } from "./message_menu.ts";
import { plainLine } from "./message_text.ts";
import { QuickReactions } from "./QuickReactions.tsx";
import type { TimelineContext } from "./timeline_context.ts";

const QUICK_COUNT = 6;

/** The actions of a message on a phone, opened by a long press. */
export function MessageSheet(
  { row, context }: { row: MessageRow; context: TimelineContext },
): JSX.Element | null {
  const items = messageMenu(row, context, "all");
  if (items.length === 0) return null;
  const close = () => context.sheet.value = null;
  const title = `${context.nameOf(row.message.by)}: ${plainLine(row.message.text, 60)}`;
  return (
    <Dialog title={title} size="small" onClose={close}>
      {context.actionsOf(row).mayReact
        ? (
          <div class="sheet-reactions">
            <QuickReactions row={row} context={context} count={QUICK_COUNT} onDone={close} />
          </div>
        )
        : null}
      <div class="sheet-items">
        {items.map((item) => <MenuButton key={item.label} item={item} onClose={close} />)}
      </div>
    </Dialog>
  );
}
