import type { UserId } from "../../shared/ids.ts";
import type { User } from "../../shared/user.ts";
import { foldForSearch } from "../ui/fold_for_search.ts";

const SHOWN_COUNT = 100;

/** Finds users by a part of their name; those whose name starts with it come first. The server's own bot is no choice. */
export function filterPeople(
  people: readonly User[],
  query: string,
  without: ReadonlySet<UserId>,
): readonly User[] {
  const wanted = foldForSearch(query.trim().replace(/^@/, ""));
  const startsWithIt = (user: User) => Number(foldForSearch(user.name).startsWith(wanted));
  return people
    .filter((user) => !user.isBuiltIn && !without.has(user.id) && foldForSearch(user.name).includes(wanted))
    .toSorted((a, b) => startsWithIt(b) - startsWithIt(a))
    .slice(0, SHOWN_COUNT);
}
