import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useComputed } from "@preact/signals";
import type { UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { Face } from "../ui/Face.tsx";
import { hueOf } from "../ui/hue.ts";
import { Markdown } from "../ui/markdown/Markdown.tsx";
import type { NamedTarget } from "../ui/markdown/names.ts";
import type { MessageRow } from "./grouping.ts";
import { longPress } from "./long_press.ts";
import { describeMessage, plainLine } from "./message_text.ts";
import { MessageActions } from "./MessageActions.tsx";
import { Reactions } from "./Reactions.tsx";
import { SendState } from "./SendState.tsx";
import type { TimelineContext } from "./timeline_context.ts";
import { formatClock, formatFullTime, formatTime } from "./times.ts";

/** Props of `MessageItem`. */
export interface MessageItemProps {
  readonly row: MessageRow;
  readonly context: TimelineContext;
}

/** One message: author and time above the first of a group, then text, reactions and state. */
export function MessageItem({ row, context }: MessageItemProps): JSX.Element {
  const { key, message, offset, isFirst } = row;
  const { model, people } = context.props;
  // Each row only follows whether it is active itself, or every step would render all rows again.
  const isActive = useComputed(() => context.focus.active.value === key).value;
  const isStop = useComputed(() => context.focus.tabStop.value === key).value;
  // The signal is read first: a row without an offset yet must follow it as well.
  const isMarked = useComputed(() => model.highlight.value === offset && offset !== null).value;
  const press = useMemo(() => longPress(() => context.sheet.value = row), [context, row]);
  const author = people(message.by);
  return (
    <article
      class={classOf(row, context.props.me, { isActive, isMarked })}
      data-key={key}
      data-offset={offset ?? undefined}
      tabIndex={isStop ? 0 : -1}
      aria-label={describeMessage(message, context.nameOf(message.by))}
      onMouseEnter={() => context.point(key)}
      onMouseLeave={() => context.point(null)}
      onFocusIn={() => context.focusOn(key)}
      onFocusOut={(event) => context.leave(event)}
      onClick={(event) => {
        if (!event.altKey || offset === null) return;
        event.preventDefault();
        model.markUnreadFrom(offset);
      }}
      {...press}
    >
      {isFirst
        ? <Face id={message.by} name={author.name} />
        : <Time class="msg-time" at={message.at} isHidden={!isActive} isShort />}
      <div class="msg-main">
        {message.replyTo === null ? null : <ReplyQuote offset={message.replyTo} context={context} />}
        {isFirst ? <Who message={message} context={context} /> : null}
        <Body message={message} context={context} />
        <Reactions row={row} context={context} />
        {row.state === "kept" ? null : <SendState row={row} context={context} />}
      </div>
      {isActive ? <MessageActions row={row} context={context} /> : null}
    </article>
  );
}

function Who({ message, context }: { message: Message; context: TimelineContext }): JSX.Element {
  const { isBot, role } = context.props.people(message.by);
  const tag = isBot ? "bot" : role === "guest" ? "guest" : null;
  return (
    <div class="who hue" style={{ "--hue": hueOf(message.by) }}>
      <b dir="auto">{context.nameOf(message.by)}</b>
      {tag === null ? null : <span class="tag">{tag}</span>}
      <Time at={message.at} />
    </div>
  );
}

function Time(props: { at: string; class?: string; isHidden?: boolean; isShort?: boolean }): JSX.Element {
  return (
    <time
      class={props.class}
      dateTime={props.at}
      title={formatFullTime(props.at)}
      aria-hidden={props.isHidden ? "true" : undefined}
    >
      {props.isShort ? formatClock(props.at) : formatTime(props.at)}
    </time>
  );
}

function Body({ message, context }: { message: Message; context: TimelineContext }): JSX.Element {
  const { me, onOpenPath } = context.props;
  const names = useNames(message.mentions, context);
  if (message.deletedAt !== null) return <p class="tombstone">Message deleted</p>;
  return (
    <div class="body">
      <Markdown
        text={message.text}
        names={names}
        me={me}
        {...onOpenPath === undefined ? {} : { onOpenPath }}
      />
      {message.editedAt === null
        ? null
        : <small class="edited" title={formatFullTime(message.editedAt)}>(edited)</small>}
    </div>
  );
}

/** Returns the same array while the names are the same; a new one makes the text be searched again. */
function useNames(mentions: readonly UserId[], context: TimelineContext): readonly NamedTarget[] {
  const { people: viewOf } = context.props;
  const people = mentions.map((id): NamedTarget => ({ sigil: "@", id, name: viewOf(id).name }));
  const rooms = context.roomNames.value;
  const key = people.map(({ name }) => name).join("\n");
  return useMemo(() => people.length === 0 ? rooms : [...people, ...rooms], [mentions, key, rooms]);
}

function classOf(row: MessageRow, me: UserId, how: { isActive: boolean; isMarked: boolean }): string {
  const classes = ["msg"];
  if (row.isFirst) classes.push("is-first");
  if (how.isActive) classes.push("is-active");
  if (row.state !== "kept") classes.push("is-pending");
  if (row.message.mentions.includes(me)) classes.push("is-mention");
  if (how.isMarked) classes.push("is-highlighted");
  return classes.join(" ");
}

/** The line above a reply that shows what it answers, and leads there. */
function ReplyQuote({ offset, context }: { offset: number; context: TimelineContext }): JSX.Element {
  const { model } = context.props;
  const message = model.quote(offset).value;
  if (message === undefined) return <span class="reply" aria-hidden="true">…</span>;
  if (message === null) return <span class="reply">The original message is not available</span>;
  const name = context.nameOf(message.by);
  const text = message.deletedAt === null ? plainLine(message.text) : "Message deleted";
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
