import type { JSX } from "preact";
import type { MessageRow } from "./grouping.ts";
import { describeReaction } from "./message_text.ts";
import type { TimelineContext } from "./timeline_context.ts";

/** The reactions to a message; each is a toggle whose label says who chose it. */
export function Reactions(
  { row, context }: { row: MessageRow; context: TimelineContext },
): JSX.Element | null {
  const { model, me } = context.props;
  const { message, offset } = row;
  if (offset === null || message.reactions.length === 0) return null;
  const { mayReact } = context.actionsOf(row);
  return (
    <div class="reacts">
      {message.reactions.map(({ emoji, userIds }) => {
        const isMine = userIds.includes(me);
        const label = describeReaction(emoji, userIds.map((id) => context.nameOf(id)), isMine);
        return (
          <button
            type="button"
            key={emoji}
            class={isMine ? "react is-mine" : "react"}
            aria-pressed={isMine}
            aria-label={label}
            aria-disabled={mayReact ? undefined : "true"}
            title={label}
            onClick={() => mayReact && model.changes.react(offset, emoji, !isMine)}
          >
            <span class="react-emoji">{emoji}</span>
            <span>{userIds.length}</span>
          </button>
        );
      })}
    </div>
  );
}
