import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { UserId } from "../../shared/ids.ts";
import type { User } from "../../shared/user.ts";
import { Face } from "../ui/Face.tsx";
import { TextField } from "../ui/TextField.tsx";
import { filterPeople } from "./filter_people.ts";
import type { PeopleView } from "./people_view.ts";

/** What choosing somebody takes. */
export interface PersonPickerProps {
  readonly people: PeopleView;
  /** Who is not offered. */
  readonly without: ReadonlySet<UserId>;
  readonly busyWith: UserId | null;
  readonly onPick: (user: User) => void;
  /** What stands at the end of a line. */
  readonly end: (user: User) => ComponentChildren;
  /** Shown when there is nobody to offer at all. */
  readonly nobody: string;
}

/** A list of people that is filtered while one types; Enter takes the first. */
export function PersonPicker(props: PersonPickerProps): JSX.Element {
  const { people, without, busyWith, onPick, end, nobody } = props;
  const [query, setQuery] = useState("");
  useEffect(() => people.refresh(), []);
  const found = filterPeople(people.all(), query, without);
  const pick = (user: User) => {
    // The next one is looked for from the start.
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
              <span class="pick-words">
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
