import type { CallServers } from "../call_servers.ts";
import { turnCredentials } from "../net/turn_allocation.ts";
import type { UserId } from "../../shared/ids.ts";

/** Credentials are for one call; clients renew them before they end. */
const CREDENTIALS_MS = 10 * 60_000;

/** One entry of a browser's `RTCConfiguration.iceServers`. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** What helps two browsers to find a way to each other. */
export interface IceServerList {
  readonly iceServers: readonly IceServer[];
  /** When the credentials end; null if there are none. */
  readonly expiresAt: string | null;
}

/** Whom credentials name, and when they begin, as epoch time in milliseconds. */
export interface CredentialsFor {
  readonly userId: UserId;
  readonly now: number;
}

/** Lists the servers that are configured, with credentials for somebody who is in a call now; null for none. */
export function iceServersFor(
  { stunUrls, turn }: Pick<CallServers, "stunUrls" | "turn">,
  who: CredentialsFor | null,
): IceServerList {
  const stun = stunUrls.length === 0 ? [] : [{ urls: stunUrls }];
  if (turn === null) return { iceServers: stun, expiresAt: null };
  const urls = turn.servers.map(({ url }) => url);
  if (who === null) return { iceServers: [...stun, { urls }], expiresAt: null };
  // Relays count in whole seconds.
  const expiresAt = Math.floor((who.now + CREDENTIALS_MS) / 1_000) * 1_000;
  const { username, password } = turnCredentials(turn.secret, who.userId, expiresAt);
  const relays = { urls, username, credential: password };
  return { iceServers: [...stun, relays], expiresAt: new Date(expiresAt).toISOString() };
}
