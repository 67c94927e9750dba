import { computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { NamedTarget } from "../ui/markdown/names.ts";
import type { MessageRow } from "./grouping.ts";
import type { TimelineProps } from "./Timeline.tsx";
import type { TimelineFocus } from "./timeline_focus.ts";

/** The timeline as its rows see it; one object for its whole life, so that rows can be skipped. */
export class TimelineContext {
  readonly focus: TimelineFocus;
  /** The row whose menu is open on a phone. */
  readonly sheet: Signal<MessageRow | null>;
  /** The message whose deletion is being confirmed. */
  readonly doomed: Signal<Message | null>;
  /** The user's rights here; rows that depend on them follow this, since nothing else renders them again. */
  readonly rights: Signal<TimelineRights>;
  /** One list for all rows, which changes only when a room's name does. */
  readonly roomNames: ReadonlySignal<readonly NamedTarget[]> = computed(() =>
    (this.props.rooms?.value ?? []).map(({ id, name }): NamedTarget => ({ sigil: "#", id, name }))
  );
  /** The current props of the timeline. */
  props: TimelineProps;
  #focused: string | null = null;

  constructor(props: TimelineProps, parts: Pick<TimelineContext, "focus" | "sheet" | "doomed">) {
    this.props = props;
    this.focus = parts.focus;
    this.sheet = parts.sheet;
    this.doomed = parts.doomed;
    this.rights = signal({ mayWrite: props.mayWrite, mayModerate: props.mayModerate });
  }

  /** Returns a user's name, or "You". */
  nameOf(userId: UserId): string {
    return userId === this.props.me ? "You" : this.props.people(userId).name;
  }

  /** The mouse moved over a row, or away from all. */
  point(key: string | null): void {
    // An open menu keeps its row active, wherever the mouse is.
    if (document.querySelector(".timeline :popover-open") !== null) return;
    this.focus.active.value = key ?? this.#focused;
  }

  /** A row, or something in it, got the focus. */
  focusOn(key: string): void {
    this.#focused = key;
    this.focus.tabStop.value = key;
    this.focus.active.value = key;
  }

  /** A row lost the focus. */
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

  /** Returns what the user may do with a message. Reads a signal. */
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

/** The user's rights in a room. */
export type TimelineRights = Pick<TimelineProps, "mayWrite" | "mayModerate">;

/** The actions that the user may take on a message. */
export interface MessageAbilities {
  readonly mayReact: boolean;
  readonly mayReply: boolean;
  readonly mayEdit: boolean;
  readonly mayDelete: boolean;
  /** Copy its text and its link, and mark as unread from here. */
  readonly mayLink: boolean;
}
