import type { UserId } from "../../shared/ids.ts";
import type { User } from "../../shared/user.ts";

const SHOWN_COUNT = 100;

/** Finds users by a part of their name; those whose name starts with it come first. */
export function filterPeople(
  people: readonly User[],
  query: string,
  without: ReadonlySet<UserId>,
): readonly User[] {
  const wanted = fold(query.trim().replace(/^@/, ""));
  const found = people.filter((user) => !without.has(user.id) && fold(user.name).includes(wanted));
  return found
    .toSorted((a, b) => Number(fold(b.name).startsWith(wanted)) - Number(fold(a.name).startsWith(wanted)))
    .slice(0, SHOWN_COUNT);
}

/** Ignores case and accents: "jose" finds "José". */
function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLocaleLowerCase();
}
