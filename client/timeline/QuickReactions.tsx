import type { JSX } from "preact";
import type { MessageRow } from "./grouping.ts";
import type { TimelineContext } from "./timeline_context.ts";

/** Shown until the user has used enough others. */
const FIRST_EMOJI = ["👍", "❤️", "😂", "🎉", "👀", "🙏"];

/** Props of `QuickReactions`. */
export interface QuickReactionsProps {
  readonly row: MessageRow;
  readonly context: TimelineContext;
  readonly count: number;
  readonly onDone?: () => void;
}

/** The emoji that the user used last, one tap each. */
export function QuickReactions({ row, context, count, onDone }: QuickReactionsProps): JSX.Element | null {
  const { model, me, emoji: catalog } = context.props;
  const { message, offset } = row;
  if (offset === null) return null;
  const shown = [...new Set([...catalog.recent.value, ...FIRST_EMOJI])].slice(0, count);
  return (
    <>
      {shown.map((emoji) => {
        const isMine = message.reactions.some((one) => one.emoji === emoji && one.userIds.includes(me));
        return (
          <button
            type="button"
            key={emoji}
            class="quick-reaction"
            aria-label={`React with ${emoji}`}
            aria-pressed={isMine}
            onClick={() => {
              model.changes.react(offset, emoji, !isMine);
              onDone?.();
            }}
          >
            {emoji}
          </button>
        );
      })}
    </>
  );
}
