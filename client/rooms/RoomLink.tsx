import type { ComponentChildren, JSX } from "preact";
import type { RoomId } from "../../shared/ids.ts";
import { Face } from "../ui/Face.tsx";
import { Icon } from "../ui/Icon.tsx";
import type { PeopleView } from "./people_view.ts";
import type { RoomEntry } from "./sidebar_sections.ts";

/** Props of `RoomLink`. */
export interface RoomLinkProps {
  readonly entry: RoomEntry;
  readonly isCurrent: boolean;
  readonly hasDraft: boolean;
  readonly people: PeopleView;
  readonly onOpen: (roomId: RoomId) => void;
  /** Draws the call that runs in a room. */
  readonly callOf: ((roomId: RoomId) => ComponentChildren) | null;
}

/** One room in the sidebar: a real link, so that it can be copied and opened in another tab. */
export function RoomLink({ entry, isCurrent, hasDraft, people, onOpen, callOf }: RoomLinkProps): JSX.Element {
  const { room, title, peer } = entry;
  const isNew = room.unread > 0;
  return (
    <a
      href={`/r/${room.id}`}
      class={isNew ? "room is-new" : "room"}
      data-room={room.id}
      aria-current={isCurrent ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        onOpen(room.id);
      }}
    >
      {room.kind === "direct"
        ? (
          <Face id={peer ?? room.id} name={title} size="xs">
            {peer === null ? null : people.dot(peer)}
          </Face>
        )
        : <Icon name={room.archivedAt !== null ? "archive" : room.kind === "private" ? "lock" : "hash"} />}
      <span class="name" dir="auto">{title}</span>
      {room.kind === "private" ? <span class="visually-hidden">, private</span> : null}
      {callOf?.(room.id)}
      {hasDraft && !isCurrent
        ? (
          <span class="draft">
            <Icon name="pencil" />
            <span class="visually-hidden">, draft</span>
          </span>
        )
        : null}
      {room.mentions > 0
        ? (
          <span class="count is-you">
            <span aria-hidden="true">@{cap(room.mentions)}</span>
            <span class="visually-hidden">, {room.mentions} of {room.unread} unread mention you</span>
          </span>
        )
        : isNew
        ? (
          <span class="count">
            <span aria-hidden="true">{cap(room.unread)}</span>
            <span class="visually-hidden">, {room.unread} unread</span>
          </span>
        )
        : null}
    </a>
  );
}

function cap(count: number): string {
  return count > 99 ? "99+" : String(count);
}
