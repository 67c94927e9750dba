import { computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { NamedTarget } from "../ui/markdown/names.ts";
import type { MessageRow } from "./grouping.ts";
import type { TimelineProps } from "./Timeline.tsx";
import type { TimelineFocus } from "./timeline_focus.ts";

/** What rows need of the timeline around them; one object for its whole life, so that rows can be kept. */
export class TimelineContext {
  readonly focus: TimelineFocus;
  /** The row whose menu is open on a phone. */
  readonly sheet: Signal<MessageRow | null>;
  /** The message that is asked about before it goes. */
  readonly doomed: Signal<Message | null>;
  /** What the person may do here: rows that show it follow it, since nothing else draws them anew. */
  readonly rights: Signal<TimelineRights>;
  /** One list for all rows: who follows it is drawn anew only when a room gets another name. */
  readonly roomNames: ReadonlySignal<readonly NamedTarget[]> = computed(() =>
    (this.props.rooms?.value ?? []).map(({ id, name }): NamedTarget => ({ sigil: "#", id, name }))
  );
  /** What the timeline was given last. */
  props: TimelineProps;
  #focused: string | null = null;

  constructor(props: TimelineProps, parts: Pick<TimelineContext, "focus" | "sheet" | "doomed">) {
    this.props = props;
    this.focus = parts.focus;
    this.sheet = parts.sheet;
    this.doomed = parts.doomed;
    this.rights = signal({ mayWrite: props.mayWrite, mayModerate: props.mayModerate });
  }

  /** "You" for oneself, as everybody says it. */
  nameOf(userId: UserId): string {
    return userId === this.props.me ? "You" : this.props.people(userId).name;
  }

  /** The mouse is over a row, or over none. */
  point(key: string | null): void {
    // A menu that is open belongs to the row it was opened from, wherever the mouse goes.
    if (document.querySelector(".timeline :popover-open") !== null) return;
    this.focus.active.value = key ?? this.#focused;
  }

  /** A row, or something in it, has the focus. */
  focusOn(key: string): void {
    this.#focused = key;
    this.focus.stop.value = key;
    this.focus.active.value = key;
  }

  /** The focus has left a row. */
  leave(event: FocusEvent): void {
    const { currentTarget, relatedTarget } = event;
    if (
      currentTarget instanceof Element && relatedTarget instanceof Node &&
      currentTarget.contains(relatedTarget)
    ) {
      return;
    }
    this.#focused = null;
    this.point(null);
  }

  /** What can be done with a message; a signal read. */
  actionsOf(row: MessageRow): MessageAbilities {
    const { mayWrite, mayModerate } = this.rights.value;
    const isOwn = row.message.by === this.props.me;
    const isKept = row.offset !== null && row.message.deletedAt === null;
    return {
      mayReact: isKept && mayWrite,
      mayReply: isKept && mayWrite,
      mayEdit: isKept && mayWrite && isOwn,
      mayDelete: isKept && (mayModerate || isOwn && mayWrite),
      mayLink: isKept,
    };
  }
}

/** What a person may do in one room. */
export type TimelineRights = Pick<TimelineProps, "mayWrite" | "mayModerate">;

/** What a person may do with one message. */
export interface MessageAbilities {
  readonly mayReact: boolean;
  readonly mayReply: boolean;
  readonly mayEdit: boolean;
  readonly mayDelete: boolean;
  /** Copy its text and its link, mark unread from here. */
  readonly mayLink: boolean;
}
