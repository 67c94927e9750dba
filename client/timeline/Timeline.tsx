import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { Role } from "../../shared/user.ts";
import type { AnnouncerModel } from "../ui/announcer_model.ts";
import { LateConfirmDialog } from "../ui/LateConfirmDialog.tsx";
import type { EmojiCatalog } from "../ui/emoji/emoji.ts";
import { Icon } from "../ui/Icon.tsx";
import type { MessageRow, SystemRow } from "./grouping.ts";
import { plainLine } from "./message_text.ts";
import { MessageSheet } from "./MessageSheet.tsx";
import type { RoomTimeline } from "./room_timeline.ts";
import { ScrollKeeper } from "./scroll_keeper.ts";
import { TimelineContext } from "./timeline_context.ts";
import { TimelineFocus } from "./timeline_focus.ts";
import { followKeys } from "./timeline_keys.ts";
import { TimelineRow } from "./TimelineRow.tsx";
import { TimelineStart } from "./TimelineStart.tsx";

/** A user as a timeline shows them. */
export interface PersonView {
  readonly name: string;
  readonly isBot: boolean;
  readonly role: Role;
}

/** The row of a call. */
export interface CallActionProps extends Pick<SystemRow, "event" | "end"> {
  readonly roomId: RoomId;
}

/** Props of `Timeline`. */
export interface TimelineProps {
  readonly model: RoomTimeline;
  readonly me: UserId;
  /** Read by screen readers; in a direct room the other user's name. */
  readonly roomName: string;
  readonly people: (id: UserId) => PersonView;
  /** Rooms that `#name` in a text links to. */
  readonly rooms?: ReadonlySignal<readonly { readonly id: string; readonly name: string }[]>;
  /** Whether the user may react, reply and edit; false in archived rooms, and in rooms they have not joined. */
  readonly mayWrite: boolean;
  /** Whether the user may delete messages of others. */
  readonly mayModerate: boolean;
  readonly announcer: AnnouncerModel;
  readonly emoji: EmojiCatalog;
  readonly onReply: (message: Message) => void;
  readonly onEdit: (message: Message) => void;
  /** A message that failed is moved back into the composer. */
  readonly onTakeBack: (text: string, replyTo: number | null) => void;
  /** Shows that something failed, or that something invisible was done. */
  readonly onNotice: (text: string, kind: "plain" | "bad") => void;
  /** Opens an address of this site, `/r/…`, without a new page. */
  readonly onOpenPath?: (path: string) => void;
  /** Draws what one can do about a call, behind its line; null until it is loaded. */
  readonly calls?: ReadonlySignal<{ readonly CallAction: ComponentType<CallActionProps> } | null>;
  /** The heading above the first message, and the text below it. */
  readonly startTitle: string;
  readonly startText: string;
  /**
   * A button below that text invites people; absent if the user may not. No props here are elements: a closure that
   * outlives its render would keep them, and through them every row that was rendered since.
   */
  readonly onInvite?: () => void;
}

/** How long a message stays highlighted after a jump to it. */
const HIGHLIGHT_MS = 2_500;

/** A room's messages, oldest first. */
export function Timeline(props: TimelineProps): JSX.Element {
  const { model, roomName, announcer } = props;
  const log = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const context = useMemo(() => {
    const parts = { sheet: signal<MessageRow | null>(null), doomed: signal<Message | null>(null) };
    return new TimelineContext(props, { focus: new TimelineFocus(), ...parts });
  }, [model]);
  context.props = props;
  const { mayWrite, mayModerate } = props;
  useLayoutEffect(() => {
    context.rights.value = { mayWrite, mayModerate };
  }, [context, mayWrite, mayModerate]);
  const keeper = useMemo(() => {
    return new ScrollKeeper({
      onNear: (edge) => model.history.loadMore(edge),
      onView: (view) => model.see(view),
    });
  }, [model]);

  const rows = model.rows.value;
  const wish = model.wish.value;
  // This render has not changed the elements yet.
  keeper.measure();

  useLayoutEffect(() => {
    if (log.current === null || list.current === null) return;
    keeper.attach(log.current, list.current);
    return () => keeper.detach();
  }, [keeper]);
  useLayoutEffect(() => {
    context.focus.settle(rows.filter((row) => row.kind === "message").map((row) => row.key));
    keeper.apply(wish, model.hasNewer.peek());
  }, [rows, wish]);
  useEffect(() => followKeys({ log, context, rows: () => model.rows.peek() }), [model]);
  useEffect(() =>
    model.onArrival((message) => {
      const { name } = context.props.people(message.by);
      announcer.arrived(context.props.roomName, `${name}: ${plainLine(message.text)}`);
    }), [model]);
  const highlight = model.highlight.value;
  useEffect(() => {
    if (highlight === null) return;
    const timer = setTimeout(() => model.clearHighlight(), HIGHLIGHT_MS);
    return () => clearTimeout(timer);
  }, [highlight, model]);

  const hasNewer = model.hasNewer.value;
  const isAway = !keeper.isAtEnd.value || hasNewer;
  return (
    <div class="timeline">
      <div class="log" ref={log} role="log" aria-live="off" aria-label={`Messages in ${roomName}`}>
        <TimelineStart {...props} rowCount={rows.length} />
        <div class="log-rows" ref={list}>
          {rows.map((row) => <TimelineRow key={row.key} row={row} context={context} />)}
        </div>
      </div>
      {isAway && rows.length > 0
        ? <JumpToLatest count={model.belowCount.value} onJump={() => model.goToLatest()} />
        : null}
      <TimelineDialogs context={context} />
    </div>
  );
}

/** Scrolls to the end, and shows how many messages arrived there. */
function JumpToLatest({ count, onJump }: { count: number; onJump: () => void }): JSX.Element {
  const news = count === 1 ? "1 new message" : `${count} new messages`;
  return (
    <button type="button" class={count > 0 ? "jump is-new" : "jump"} onClick={onJump}>
      <Icon name="arrowDown" />
      {count > 0 ? news : "Jump to latest"}
    </button>
  );
}

/** The menu of a message on a phone, or the question before a message is deleted. */
function TimelineDialogs({ context }: { context: TimelineContext }): JSX.Element | null {
  const { sheet, doomed, props } = context;
  const message = doomed.value;
  if (message !== null) {
    return (
      <LateConfirmDialog
        title="Delete this message?"
        verb="Delete"
        action={() => {
          props.model.changes.delete(message.offset);
          return Promise.resolve();
        }}
        onClose={() => doomed.value = null}
      >
        It will be deleted for everyone. This cannot be undone: “{plainLine(message.text, 80)}”
      </LateConfirmDialog>
    );
  }
  return sheet.value === null ? null : <MessageSheet row={sheet.value} context={context} />;
}
