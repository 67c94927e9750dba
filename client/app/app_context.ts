import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Me } from "../../shared/user.ts";
import type { PeopleView } from "../rooms/people_view.ts";
import type { AppModel } from "./app_model.ts";
import type { Chat } from "./chat.ts";
import type { LatePart } from "./late_part.ts";

/** The context of all views of a signed-in user. */
export interface SignedIn {
  readonly app: AppModel;
  readonly chat: Chat;
  readonly me: Me;
  readonly people: PeopleView;
  /** What calls show in the rooms; loaded once the rooms are drawn. */
  readonly calls: LatePart<typeof import("./CallsLight.tsx")>;
}

/** Set by `Rooms`. */
export const AppContext = createContext<SignedIn | null>(null);

/** Returns the context of a signed-in user. */
export function useSignedIn(): SignedIn {
  const value = useContext(AppContext);
  if (value === null) throw new TypeError("Cannot use the signed-in context outside of the rooms");
  return value;
}
