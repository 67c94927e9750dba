import { ConfigError, isSecret, secretForm } from "./config_error.ts";
import { isLoopback } from "./net/address.ts";
import { isStunUrl } from "./net/stun_url.ts";
import { parseTurnServer } from "./net/turn_server.ts";
import type { TurnServer } from "./net/turn_server.ts";

/** Servers that calls can use besides the browsers of the people in them. */
export interface CallServers {
  /** Servers that tell browsers their public addresses. */
  readonly stunUrls: readonly string[];
  /** Relays for calls; null if there are none. */
  readonly turn: TurnConfig | null;
  /** The server for calls that are too large for browsers alone; null if there is none. */
  readonly liveKit: LiveKitConfig | null;
}

/** Relays for calls, and the secret that they share with us. */
export interface TurnConfig {
  readonly servers: readonly TurnServer[];
  readonly secret: string;
}

/** A LiveKit server, and its credentials. */
export interface LiveKitConfig {
  /** A `wss:` origin; `ws:` only on loopback. */
  readonly url: string;
  readonly key: string;
  readonly secret: string;
}

/** What pages connect to: its WebSocket, and by HTTP what that could not tell. */
export function liveKitOrigins({ url }: LiveKitConfig): string[] {
  return [url, url.replace(/^ws/, "http")];
}

/** The variables as they are set; "" where they are not. */
export interface CallVariables {
  readonly stunUrls: string;
  readonly stunPort: string;
  readonly turnUrls: string;
  readonly turnSecret: string;
  readonly liveKitUrl: string;
  readonly liveKitKey: string;
  readonly liveKitSecret: string;
}

/** Browsers ask all of them, and warn about more than four. */
const STUN_SERVERS_MAX_COUNT = 4;
/** All of them are tried within the time of one probe. */
const TURN_SERVERS_MAX_COUNT = 8;
const TURN_SECRET_MIN_CHARACTERS = 16;
/** LiveKit refuses to start with a shorter one. */
const LIVEKIT_SECRET_MIN_CHARACTERS = 32;

/** Validates what is set for calls. `publicUrl` names the host of our own STUN server. */
export function parseCallServers(variables: CallVariables, publicUrl: string | null): CallServers {
  const { stunUrls, stunPort, turnUrls, turnSecret, liveKitUrl, liveKitKey, liveKitSecret } = variables;
  const port = parseStunPort(stunPort);
  const ownHost = publicUrl === null ? "127.0.0.1" : new URL(publicUrl).hostname;
  const own = port === null ? [] : [`stun:${ownHost}:${port}`];
  return {
    stunUrls: [...new Set([...parseStunUrls(stunUrls), ...own])],
    turn: parseTurn(turnUrls, turnSecret),
    liveKit: parseLiveKit(liveKitUrl, liveKitKey, liveKitSecret),
  };
}

/** Reads the port of our own STUN server; null if it is not set. */
export function parseStunPort(value: string): number | null {
  if (value === "") return null;
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port < 1 || port > 65_535) {
    throw new ConfigError("STUN_PORT", value, "a whole number from 1 to 65535");
  }
  return port;
}

function parseStunUrls(value: string): string[] {
  const urls = listOf(value);
  for (const url of urls) {
    if (isStunUrl(url)) continue;
    const allowed = 'stun: addresses separated by commas, such as "stun:stun.example.org:3478"';
    throw new ConfigError("STUN_URLS", url, allowed);
  }
  if (urls.length > STUN_SERVERS_MAX_COUNT) {
    throw new ConfigError("STUN_URLS", value, `at most ${STUN_SERVERS_MAX_COUNT} addresses`);
  }
  return urls;
}

function parseTurn(value: string, secret: string): TurnConfig | null {
  if (value === "" && secret === "") return null;
  const servers = listOf(value).map((text) => {
    const server = parseTurnServer(text);
    if (server !== null) return server;
    const allowed =
      'turn: and turns: addresses separated by commas, such as "turn:turn.example.org:3478?transport=udp"';
    // Somebody may have put a password before the @.
    throw new ConfigError("TURN_URLS", text.includes("@") ? "(an address with @)" : text, allowed);
  });
  if (servers.length === 0) throw new ConfigError("TURN_URLS", value, "set where TURN_SECRET is");
  if (servers.length > TURN_SERVERS_MAX_COUNT) {
    throw new ConfigError("TURN_URLS", value, `at most ${TURN_SERVERS_MAX_COUNT} addresses`);
  }
  if (!isSecret(secret, TURN_SECRET_MIN_CHARACTERS)) {
    const allowed = `the static-auth-secret of the servers in TURN_URLS, ${
      secretForm(TURN_SECRET_MIN_CHARACTERS)
    }`;
    throw new ConfigError("TURN_SECRET", `(${secret.length} characters)`, allowed);
  }
  return { servers, secret };
}

function parseLiveKit(value: string, key: string, secret: string): LiveKitConfig | null {
  if (value === "" && key === "" && secret === "") return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  // It becomes part of the content security policy, in which a host may not contain everything that a URL's may.
  const isOrigin = url !== null && /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])$/.test(url.hostname) &&
    url.origin === value.replace(/\/$/, "").toLowerCase();
  const isSafe = url?.protocol === "wss:" ||
    url?.protocol === "ws:" && isLoopback(url.hostname.replace(/^\[|\]$/g, ""));
  if (!isOrigin || !isSafe) {
    const shown = value.includes("@") ? "(an address with @)" : value;
    const allowed =
      'a wss:// origin without a path, such as "wss://livekit.example.org" (ws:// only on loopback)';
    throw new ConfigError("LIVEKIT_URL", shown, allowed);
  }
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(key)) {
    // Somebody may have put the secret here.
    const allowed = "the name of a key of the server at LIVEKIT_URL, 1 to 64 letters, digits, - and _";
    throw new ConfigError("LIVEKIT_KEY", `(${key.length} characters)`, allowed);
  }
  if (!isSecret(secret, LIVEKIT_SECRET_MIN_CHARACTERS)) {
    const allowed = `the secret of LIVEKIT_KEY, ${secretForm(LIVEKIT_SECRET_MIN_CHARACTERS)}`;
    throw new ConfigError("LIVEKIT_SECRET", `(${secret.length} characters)`, allowed);
  }
  return { url: url.origin, key, secret };
}

function listOf(value: string): string[] {
  return value.split(",").map((text) => text.trim()).filter((text) => text !== "");
}
