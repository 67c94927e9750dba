import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { RoomId } from "../../shared/ids.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { Face } from "../ui/Face.tsx";
import { foldForSearch } from "../ui/fold_for_search.ts";
import { Icon } from "../ui/Icon.tsx";
import { TextField } from "../ui/TextField.tsx";
import type { PeopleView } from "./people_view.ts";
import type { RoomEntry } from "./sidebar_sections.ts";

/** Props of `ShareInto`. */
export interface ShareIntoProps {
  /** What another app shares. */
  readonly text: string;
  /** The rooms that one can write in, in the order of the sidebar. */
  readonly rooms: readonly RoomEntry[];
  readonly people: PeopleView;
  readonly onPick: (roomId: RoomId) => void;
  readonly onClose: () => void;
}

/** Asks into which room a shared text goes. Nothing is sent: it becomes the draft of that room. */
export function ShareInto({ text, rooms, people, onPick, onClose }: ShareIntoProps): JSX.Element {
  const [query, setQuery] = useState("");
  const wanted = foldForSearch(query.trim().replace(/^[@#]/, ""));
  const found = rooms.filter(({ title }) => foldForSearch(title).includes(wanted));
  return (
    <Dialog title="Share in a room" onClose={onClose} size="small">
      <form
        class="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          const first = found[0];
          if (first !== undefined && wanted !== "") onPick(first.room.id);
        }}
      >
        <blockquote class="shared-text" dir="auto">{text}</blockquote>
        <TextField
          label="Room or person"
          type="search"
          placeholder="Type a name"
          autofocus={matchMedia("(pointer: fine)").matches}
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="go"
          value={query}
          onText={setQuery}
        />
        <ul class="picks" aria-label="Rooms">
          {found.map(({ room, title, peer }) => (
            <li key={room.id}>
              <button type="button" class="pick" onClick={() => onPick(room.id)}>
                {room.kind === "direct"
                  ? (
                    <Face id={peer ?? room.id} name={title} size="s">
                      {peer === null ? null : people.dot(peer)}
                    </Face>
                  )
                  : <Icon name={room.kind === "private" ? "lock" : "hash"} />}
                <span class="lines">
                  <span dir="auto">{title}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
        {found.length > 0 ? null : (
          <p class="picks-empty" role="status">
            {wanted === ""
              ? "You are in no room yet. Join one first."
              : `Nothing found for “${query.trim()}”.`}
          </p>
        )}
      </form>
    </Dialog>
  );
}
