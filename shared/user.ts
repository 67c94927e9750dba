import type { SessionId, UserId } from "./ids.ts";

/** What a person may do in the whole workplace. */
export type Role = "owner" | "admin" | "member" | "guest";

/** The signed-in person, as `auth.me` gives it. `sessionId` is null with a bearer token. */
export interface Me {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  readonly sessionId: SessionId | null;
  readonly workspaceName: string;
  readonly createdAt: string;
  /** When and by whose link the password was set in the last 30 days, newest first; empty with a bearer token. */
  readonly passwordResets: readonly PasswordReset[];
}

/** A password set by a link that somebody made. */
export interface PasswordReset {
  readonly at: string;
  /** Name of who made the link. */
  readonly by: string;
}

/** An account as everybody sees it. */
export interface User {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  readonly isBot: boolean;
  readonly deactivatedAt: string | null;
}

/** One page of a list without a natural bound; `cursor` is null on the last page. */
export interface Page<T> {
  readonly items: T[];
  readonly cursor: string | null;
}
