import type { ComponentChildren } from "preact";
import type { UserId } from "../../shared/ids.ts";
import type { PresenceStatus } from "../../shared/presence.ts";
import type { User } from "../../shared/user.ts";

/** Users as the views of rooms show them, from the directory and presence. */
export interface PeopleView {
  readonly me: UserId;
  /** All visible users who are not deactivated, by name. */
  readonly all: () => readonly User[];
  /** Reloads them: users without a common room, such as new bots, do not appear by themselves. */
  readonly refresh: () => void;
  readonly nameOf: (userId: UserId) => string;
  readonly statusOf: (userId: UserId) => PresenceStatus;
  /** Their status text, or "". */
  readonly textOf: (userId: UserId) => string;
  /** The presence dot of an avatar. */
  readonly dot: (userId: UserId) => ComponentChildren;
}
