import type { JSX } from "preact";
import { Icon } from "../ui/Icon.tsx";
import { skipUnchanged } from "../ui/skip_unchanged.ts";
import type { TimelineRow as Row } from "./grouping.ts";
import { describeSystemEvent, systemIcon } from "./message_text.ts";
import { MessageItem } from "./MessageItem.tsx";
import type { TimelineContext } from "./timeline_context.ts";
import { formatDay, formatTime } from "./times.ts";

/** Props of `TimelineRow`. */
export interface TimelineRowProps {
  readonly row: Row;
  readonly context: TimelineContext;
}

/** Colours beside the shape of the icon. */
const SYSTEM_CLASSES: Readonly<Record<string, string>> = { phone: "is-call", phoneMissed: "is-missed" };

/** One row of a timeline; rows that did not change are not rendered again. */
export const TimelineRow = skipUnchanged(DrawnRow);

function DrawnRow({ row, context }: TimelineRowProps): JSX.Element {
  switch (row.kind) {
    case "message":
      return <MessageItem row={row} context={context} />;
    case "day":
      return (
        <div class="day">
          <span>{formatDay(row.at, Date.now())}</span>
        </div>
      );
    case "unread":
      return (
        <div class="unread-divider">
          <span>{row.count} new</span>
        </div>
      );
    case "gap":
      return (
        <div class="gap">
          <Icon name="triangleAlert" />
          {row.from === row.to ? "A message is" : "Some messages are"} missing. Loading…
        </div>
      );
    case "system": {
      const icon = systemIcon(row.event, row.end);
      const { calls, model } = context.props;
      const CallAction = calls?.value?.CallAction;
      return (
        <div
          class={`sys ${SYSTEM_CLASSES[icon] ?? ""}`}
          data-offset={row.end?.offset ?? row.event.offset}
        >
          <Icon name={icon} />
          <span dir="auto">
            {describeSystemEvent(row.event, (userId) => context.nameOf(userId), row.end)}
          </span>
          {CallAction === undefined
            ? null
            : <CallAction roomId={model.roomId} event={row.event} end={row.end} />}
          <time dateTime={row.event.at}>{formatTime(row.event.at)}</time>
        </div>
      );
    }
  }
}
