import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { UserId } from "../../shared/ids.ts";
import type { User } from "../../shared/user.ts";
import { Face } from "../ui/Face.tsx";
import { TextField } from "../ui/TextField.tsx";
import { filterPeople } from "./filter_people.ts";
import type { PeopleView } from "./people_view.ts";

/** Props of `PersonPicker`. */
export interface PersonPickerProps {
  readonly people: PeopleView;
  /** Users to leave out. */
  readonly without: ReadonlySet<UserId>;
  readonly busyWith: UserId | null;
  readonly onPick: (user: User) => void;
  /** The content at the end of a line. */
  readonly end: (user: User) => ComponentChildren;
  /** Shown if there are no users to offer. */
  readonly nobody: string;
}

/** A list of users, filtered while typing; Enter selects the first. */
export function PersonPicker(props: PersonPickerProps): JSX.Element {
  const { people, without, busyWith, onPick, end, nobody } = props;
  const [query, setQuery] = useState("");
  useEffect(() => people.refresh(), []);
  const found = filterPeople(people.all(), query, without);
  const pick = (user: User) => {
    // The next search starts empty.
    setQuery("");
    onPick(user);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const first = found[0];
        if (first !== undefined && query.trim() !== "") pick(first);
      }}
    >
      <TextField
        label="Name"
        type="search"
        placeholder="Type a name"
        autofocus
        autocapitalize="off"
        spellcheck={false}
        enterkeyhint="go"
        value={query}
        onText={setQuery}
      />
      <ul class="picks" aria-label="People">
        {found.map((user) => (
          <li key={user.id}>
            <button
              type="button"
              class="pick"
              aria-busy={busyWith === user.id ? "true" : undefined}
              onClick={() => pick(user)}
            >
              <Face id={user.id} name={user.name} size="s">{people.dot(user.id)}</Face>
              <span class="lines">
                <span dir="auto">{user.name}</span>
                {people.textOf(user.id) === "" ? null : <small dir="auto">{people.textOf(user.id)}</small>}
              </span>
              <span class="pick-end">{end(user)}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > 0 ? null : (
        <p class="picks-empty" role="status">
          {query.trim() === "" ? nobody : `Nobody found for “${query.trim()}”.`}
        </p>
      )}
    </form>
  );
}
