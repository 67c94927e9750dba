import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import type { RoomId } from "../../shared/ids.ts";
import type { PeopleView } from "./people_view.ts";
import { RoomLink } from "./RoomLink.tsx";
import type { RoomsModel } from "./rooms_model.ts";

/** What the sidebar's list shows and tells. */
export interface RoomListProps {
  readonly model: RoomsModel;
  readonly current: RoomId | null;
  readonly people: PeopleView;
  readonly hasDraft: (roomId: RoomId) => boolean;
  readonly onOpen: (roomId: RoomId) => void;
  /** Buttons at the end of the headings. */
  readonly roomsAction?: ComponentChildren;
  readonly directAction?: ComponentChildren;
  /** What stands below "Rooms" and "Direct" while there are none. */
  readonly roomsHint?: ComponentChildren;
  readonly directHint?: ComponentChildren;
}

/** All rooms: what is unread, rooms, direct messages, and what is archived. */
export function RoomList(props: RoomListProps): JSX.Element {
  const { model } = props;
  if (!model.isReady.value) {
    return (
      <div class="rooms rooms-bones" aria-hidden="true">
        {[1, 2, 3, 4, 5, 6].map((bone) => <span key={bone} class="bone" />)}
      </div>
    );
  }
  const places = model.places.value;
  // What is unread has left its section, but is there all the same.
  const unreadKinds = new Set(places.unread.map((id) => model.entries.value.get(id)?.room.kind));
  const isThere = {
    rooms: unreadKinds.has("public") || unreadKinds.has("private"),
    direct: unreadKinds.has("direct"),
  };
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
      {places.unread.length === 0 ? null : <Section {...props} title="Unread" ids={places.unread} />}
      <Section
        {...props}
        title="Rooms"
        ids={places.rooms}
        action={props.roomsAction}
        hint={isThere.rooms ? undefined : props.roomsHint}
      />
      {places.direct.length === 0 && props.directAction === undefined ? null : (
        <Section
          {...props}
          title="Direct"
          ids={places.direct}
          action={props.directAction}
          hint={isThere.direct ? undefined : props.directHint}
        />
      )}
      {places.archived.length === 0 ? null : (
        <details>
          <summary>Archived — {places.archived.length}</summary>
          <Links {...props} ids={places.archived} />
        </details>
      )}
    </div>
  );
}

interface SectionProps extends RoomListProps {
  readonly title: string;
  readonly ids: readonly RoomId[];
  readonly action?: ComponentChildren;
  readonly hint?: ComponentChildren;
}

function Section(props: SectionProps): JSX.Element {
  const { title, ids, action, hint } = props;
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div class="rooms-head">
        <h2 id={id}>{title}</h2>
        {action}
      </div>
      {ids.length > 0
        ? <Links {...props} ids={ids} />
        : hint === undefined
        ? null
        : <p class="rooms-hint">{hint}</p>}
    </section>
  );
}

function Links(props: RoomListProps & { readonly ids: readonly RoomId[] }): JSX.Element {
  const { model, ids, current, hasDraft, people, onOpen } = props;
  const entries = model.entries.value;
  return (
    <ul>
      {ids.map((id) => {
        const entry = entries.get(id);
        return entry === undefined ? null : (
          <li key={id}>
            <RoomLink
              entry={entry}
              isCurrent={id === current}
              hasDraft={hasDraft(id)}
              people={people}
              onOpen={onOpen}
            />
          </li>
        );
      })}
    </ul>
  );
}
