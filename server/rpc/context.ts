import type { SessionId, TokenId, UserId } from "../../shared/ids.ts";
import type { Role } from "../../shared/user.ts";
import type { Connection, Login } from "../net/connection.ts";
import type { HttpLane } from "../net/http_lane.ts";
import type { Services } from "../services.ts";

/** Who acts, as checked for this very call. */
export interface Actor {
  readonly userId: UserId;
  /** Whose limits the actor uses: a bot's maker, else its own id. */
  readonly accountId: UserId;
  readonly name: string;
  readonly role: Role;
  readonly isBot: boolean;
  /** Null with a bearer token. */
  readonly sessionId: SessionId | null;
  /** Null with a session. */
  readonly tokenId: TokenId | null;
}

/** Sets or clears the session cookie of the answer; only HTTP has one. */
export interface SessionCookie {
  set(token: string): void;
  clear(): void;
}

/** What a procedure gets. On WebSocket it is made once a connection, so it holds the login, not the rights. */
export interface Context {
  readonly services: Services;
  readonly login: Login | null;
  /** Exact remote address, or what a trusted proxy says. */
  readonly address: string;
  /** A proxy that forwards for somebody but is not trusted to: `address` is its own. */
  readonly untrustedProxy: string | null;
  readonly userAgent: string;
  /** Null on HTTP and SSE. */
  readonly connection: Connection | null;
  /** Null on WebSocket. */
  readonly cookie: SessionCookie | null;
  /** Where the calls of an HTTP request wait for their turn; null on WebSocket, whose requests wait before they get here. */
  readonly lane: HttpLane | null;
}
