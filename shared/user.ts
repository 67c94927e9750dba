import type { SessionId, UserId } from "./ids.ts";

/** A person's role in the workspace. */
export type Role = "owner" | "admin" | "member" | "guest";

/** The signed-in person, as returned by `auth.me`. `sessionId` is null with a bearer token. */
export interface Me {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  readonly sessionId: SessionId | null;
  readonly workspaceName: string;
  readonly createdAt: string;
  /** Password resets of the last 30 days and who made the links, newest first; empty with a bearer token. */
  readonly passwordResets: readonly PasswordReset[];
}

/** A password that was set with a reset link. */
export interface PasswordReset {
  readonly at: string;
  /** Name of the person who made the link. */
  readonly by: string;
}

/** The public form of an account. */
export interface User {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  readonly isBot: boolean;
  /** Present on the bot by which the server itself writes. */
  readonly isBuiltIn?: true;
  readonly deactivatedAt: string | null;
}

/** One page of a list; `cursor` is null on the last page. */
export interface Page<T> {
  readonly items: T[];
  readonly cursor: string | null;
}
