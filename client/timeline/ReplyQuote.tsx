import type { JSX } from "preact";
import { oneLine } from "./message_text.ts";
import type { TimelineContext } from "./timeline_context.ts";

/** The line above a reply that says what it answers, and goes there. */
export function ReplyQuote({ offset, context }: { offset: number; context: TimelineContext }): JSX.Element {
  const { model } = context.props;
  const message = model.quote(offset).value;
  if (message === undefined) return <span class="reply" aria-hidden="true">…</span>;
  if (message === null) return <span class="reply">Replies to a message that is not loaded</span>;
  const name = context.nameOf(message.by);
  const text = message.deletedAt === null ? oneLine(message.text) : "Message deleted";
  return (
    <button
      type="button"
      class="reply"
      aria-label={`Go to the original message: ${name}: ${text}`}
      onClick={() => model.goTo(offset)}
    >
      <span class="reply-text">
        <bdi>{name}</bdi>: <bdi>{text}</bdi>
      </span>
    </button>
  );
}
