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

/** Lists the servers that are configured, with credentials for somebody who is in a call now. */
export function iceServersFor(
  { stunUrls, turn }: Pick<CallServers, "stunUrls" | "turn">,
  userId: UserId,
  now: number,
): IceServerList {
  const stun = stunUrls.length === 0 ? [] : [{ urls: stunUrls }];
  if (turn === null) return { iceServers: stun, expiresAt: null };
  // Relays count in whole seconds.
  const expiresAt = Math.floor((now + CREDENTIALS_MS) / 1_000) * 1_000;
  const { username, password } = turnCredentials(turn.secret, userId, expiresAt);
  const relays = { urls: turn.servers.map(({ url }) => url), username, credential: password };
  return { iceServers: [...stun, relays], expiresAt: new Date(expiresAt).toISOString() };
}
