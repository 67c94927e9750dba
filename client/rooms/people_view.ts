import type { ComponentChildren } from "preact";
import type { UserId } from "../../shared/ids.ts";
import type { PresenceStatus } from "../../shared/presence.ts";
import type { User } from "../../shared/user.ts";

/** What room views show of people; the app puts it together from the directory and presence. */
export interface PeopleView {
  readonly me: UserId;
  /** Everybody that may be seen and is not deactivated, by name. */
  readonly all: () => readonly User[];
  /** Reads them again: who is in no room with one, such as a new bot, does not show up by itself. */
  readonly refresh: () => void;
  readonly nameOf: (userId: UserId) => string;
  readonly statusOf: (userId: UserId) => PresenceStatus;
  /** What they say of themselves, "" when nothing. */
  readonly textOf: (userId: UserId) => string;
  /** The dot on a face. */
  readonly dot: (userId: UserId) => ComponentChildren;
}
