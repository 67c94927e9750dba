import type { SessionId, TokenId, UserId } from "../../shared/ids.ts";
import type { Role } from "../../shared/user.ts";
import type { Connection, Login } from "../net/connection.ts";
import type { HttpLane } from "../net/http_lane.ts";
import type { Services } from "../services.ts";

/** The user who makes a call, checked for this call. */
export interface Actor {
  readonly userId: UserId;
  /** The account whose limits apply: a bot's maker, otherwise the user. */
  readonly accountId: UserId;
  readonly name: string;
  readonly role: Role;
  readonly isBot: boolean;
  /** Null with a bearer token. */
  readonly sessionId: SessionId | null;
  /** Null with a session. */
  readonly tokenId: TokenId | null;
}

/** Sets or clears the session cookie of the answer; HTTP only. */
export interface SessionCookie {
  set(token: string): void;
  clear(): void;
}

/**
 * The context of a procedure. On WebSocket it is created once per connection, so it holds the login, not the
 * rights.
 */
export interface Context {
  readonly services: Services;
  readonly login: Login | null;
  /** The remote address, or the one that a trusted proxy reports. */
  readonly address: string;
  /** An untrusted proxy that forwards the request; `address` is its own. */
  readonly untrustedProxy: string | null;
  readonly userAgent: string;
  /** Aborts when the caller has disconnected and nobody waits for its calls any more. */
  readonly gone: AbortSignal;
  /** Null on HTTP and SSE. */
  readonly connection: Connection | null;
  /** Null on WebSocket. */
  readonly cookie: SessionCookie | null;
  /** Where the calls of an HTTP request wait for their turn; null on WebSocket, whose requests have waited before. */
  readonly lane: HttpLane | null;
}
