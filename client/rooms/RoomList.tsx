import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { useComputed } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import type { RoomSummary } from "../../shared/room.ts";
import { Bones } from "../ui/Bones.tsx";
import { skipUnchanged } from "../ui/skip_unchanged.ts";
import type { PeopleView } from "./people_view.ts";
import { RoomLink } from "./RoomLink.tsx";
import type { RoomsModel } from "./rooms_model.ts";

/** Props of `RoomList`. */
export interface RoomListProps {
  readonly model: RoomsModel;
  readonly current: RoomId | null;
  readonly people: PeopleView;
  readonly hasDraft: (roomId: RoomId) => boolean;
  readonly onOpen: (roomId: RoomId) => void;
  /** Draws the call that runs in a room; the same function for all rooms. */
  readonly callOf: ((roomId: RoomId) => ComponentChildren) | null;
  /** Buttons next to the headings. */
  readonly roomsAction?: ComponentChildren;
  readonly directAction?: ComponentChildren;
  /** Shown below "Rooms" and "Direct" while there are none. */
  readonly roomsHint?: ComponentChildren;
  readonly directHint?: ComponentChildren;
}

/** All rooms: unread ones, rooms, direct rooms and archived rooms. */
export function RoomList(props: RoomListProps): JSX.Element {
  const { model, current, people, hasDraft, onOpen, callOf } = props;
  // Unread rooms are listed in their own section, but exist all the same.
  const isRoomUnread = useComputed(() => isSomeUnread(model, ({ kind }) => kind !== "direct")).value;
  const isDirectUnread = useComputed(() => isSomeUnread(model, ({ kind }) => kind === "direct")).value;
  if (!model.isReady.value) {
    return (
      <div class="rooms rooms-bones" aria-hidden="true">
        <Bones count={6} />
      </div>
    );
  }
  const sections = model.sections.value;
  const links = (ids: readonly RoomId[]) =>
    ids.length === 0 ? null : (
      <ul>
        {ids.map((id) => (
          <Item
            key={id}
            id={id}
            isCurrent={id === current}
            hasDraft={hasDraft(id)}
            model={model}
            people={people}
            onOpen={onOpen}
            callOf={callOf}
          />
        ))}
      </ul>
    );
  return (
    <div
      class="rooms"
      onPointerMove={(event) => {
        if (event.pointerType === "mouse") model.hold();
      }}
      onPointerLeave={() => model.release()}
      onFocusIn={() => model.hold()}
      onKeyDown={() => model.hold()}
    >
      <Section title="Unread">{links(sections.unread)}</Section>
      <Section
        title="Rooms"
        action={props.roomsAction}
        hint={isRoomUnread ? undefined : props.roomsHint}
      >
        {links(sections.rooms)}
      </Section>
      <Section
        title="Direct"
        action={props.directAction}
        hint={isDirectUnread ? undefined : props.directHint}
      >
        {links(sections.direct)}
      </Section>
      {sections.archived.length === 0 ? null : (
        <details>
          <summary>Archived — {sections.archived.length}</summary>
          {links(sections.archived)}
        </details>
      )}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly action?: ComponentChildren;
  /** Shown instead of the rooms if there are none. */
  readonly hint?: ComponentChildren;
  /** The rooms, or null. */
  readonly children: JSX.Element | null;
}

/** A heading and its rooms; nothing if there is nothing below the heading or beside it. */
function Section({ title, action, hint, children }: SectionProps): JSX.Element | null {
  const id = useId();
  if (children === null && action === undefined && hint === undefined) return null;
  return (
    <section aria-labelledby={id}>
      <div class="rooms-head">
        <h2 id={id}>{title}</h2>
        {action}
      </div>
      {children ?? (hint === undefined ? null : <p class="rooms-hint">{hint}</p>)}
    </section>
  );
}

interface ItemProps extends Pick<RoomListProps, "model" | "people" | "onOpen" | "callOf"> {
  readonly id: RoomId;
  readonly isCurrent: boolean;
  readonly hasDraft: boolean;
}

/** Each follows its own room: a message in one of two hundred rooms renders one line. */
const Item = skipUnchanged(({ id, model, ...props }: ItemProps): JSX.Element | null => {
  const entry = useComputed(() => model.entries.value.get(id)).value;
  return entry === undefined ? null : (
    <li>
      <RoomLink entry={entry} {...props} />
    </li>
  );
});

function isSomeUnread(model: RoomsModel, isWanted: (room: RoomSummary) => boolean): boolean {
  return model.sections.value.unread.some((id) => {
    const room = model.find(id);
    return room !== null && isWanted(room);
  });
}
