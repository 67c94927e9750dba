import { AddressRanges, isLoopback } from "./net/address.ts";
import { parseTurnServer } from "./net/turn_server.ts";
import type { TurnServer } from "./net/turn_server.ts";
import type { LogFormat, LogLevel } from "./log.ts";

/** The configuration, validated. */
export interface Config {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  /** The origin that people use to reach the server; null means loopback with our own port. */
  readonly publicUrl: string | null;
  /** Folder of the database, or `:memory:` in tests. */
  readonly dataDir: string;
  /** KV Connect address shared by several instances; null keeps the database in `dataDir`. */
  readonly kvUrl: string | null;
  /** Name of this instance in logs and metrics; null generates one. */
  readonly instanceId: string | null;
  /** Proxies whose X-Forwarded-For is trusted. */
  readonly trustProxy: AddressRanges;
  /** Addresses of the other instances, which the status page watches. */
  readonly peerUrls: readonly string[];
  /** Relays for calls; null if there are none. */
  readonly turn: TurnConfig | null;
  /** Where a copy of the status page is kept on another machine. */
  readonly statusMirrorUrl: string | null;
  readonly metricsToken: string | null;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Bundles the client in memory and reloads pages on change. */
  readonly isDev: boolean;
}

/** Relays for calls, and the secret that they share with us. */
export interface TurnConfig {
  readonly servers: readonly TurnServer[];
  readonly secret: string;
}

/** Every variable that is read, for the permissions of the start task. */
export const CONFIG_VARIABLES = [
  "PORT",
  "HOST",
  "PUBLIC_URL",
  "DATA_DIR",
  "KV_URL",
  "DENO_KV_ACCESS_TOKEN",
  "INSTANCE_ID",
  "TRUST_PROXY",
  "PEER_URLS",
  "TURN_URLS",
  "TURN_SECRET",
  "STATUS_MIRROR_URL",
  "METRICS_TOKEN",
  "LOG_LEVEL",
  "LOG_FORMAT",
] as const;

type Variable = typeof CONFIG_VARIABLES[number];
type Environment = Readonly<Partial<Record<Variable, string>>>;

/** Each is dialed every 20 s. */
const PEERS_MAX_COUNT = 20;
/** All of them are tried within the time of one probe. */
const TURN_SERVERS_MAX_COUNT = 8;
const TURN_SECRET_MIN_CHARACTERS = 16;
const METRICS_TOKEN_MIN_CHARACTERS = 16;
/** KV Connect servers refuse shorter ones. */
const KV_TOKEN_MIN_CHARACTERS = 12;

/** An invalid variable; the message is a single line for the operator. */
export class ConfigError extends Error {
  constructor(variable: Variable, value: string, allowed: string) {
    super(`${variable} is ${JSON.stringify(value)}, but must be ${allowed}`);
    this.name = "ConfigError";
  }
}

/** Reads the environment; nothing else does. */
export function readConfig(options: { isDev: boolean } = { isDev: false }): Config {
  const environment: Partial<Record<Variable, string>> = {};
  for (const name of CONFIG_VARIABLES) {
    const value = Deno.env.get(name);
    if (value !== undefined) environment[name] = value;
  }
  return parseConfig(environment, options);
}

/** Folder for the copy of the status page, next to the database; null where everything is in memory. */
export function statusCopyFolder({ dataDir }: Config): string | null {
  return dataDir === ":memory:" ? null : `${dataDir}/status`;
}

/** Validates variables and fills in defaults; an empty one counts as unset. */
export function parseConfig(environment: Environment, options: { isDev?: boolean } = {}): Config {
  const read = (name: Variable, fallback: string) => environment[name]?.trim() || fallback;
  const host = parseHost(read("HOST", "127.0.0.1"));
  const publicUrl = parsePublicUrl(read("PUBLIC_URL", ""));
  if (!isLoopback(host) && !publicUrl?.startsWith("https:")) {
    throw new ConfigError("HOST", host, "a loopback address, unless PUBLIC_URL starts with https://");
  }
  return {
    host,
    port: parsePort(read("PORT", "8000")),
    publicUrl,
    dataDir: parseDataDir(read("DATA_DIR", "./data")),
    kvUrl: parseKvUrl(read("KV_URL", ""), read("DENO_KV_ACCESS_TOKEN", "")),
    instanceId: parseInstanceId(read("INSTANCE_ID", "")),
    trustProxy: parseTrustProxy(read("TRUST_PROXY", "")),
    peerUrls: parsePeerUrls(read("PEER_URLS", "")),
    turn: parseTurn(read("TURN_URLS", ""), read("TURN_SECRET", "")),
    statusMirrorUrl: parseStatusMirrorUrl(read("STATUS_MIRROR_URL", ""), publicUrl),
    metricsToken: parseMetricsToken(read("METRICS_TOKEN", "")),
    logLevel: oneOf("LOG_LEVEL", read("LOG_LEVEL", "info"), ["debug", "info", "warn", "error"]),
    logFormat: oneOf("LOG_FORMAT", read("LOG_FORMAT", "text"), ["text", "json"]),
    isDev: options.isDev ?? false,
  };
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port > 65_535) {
    throw new ConfigError("PORT", value, "a whole number from 0 to 65535");
  }
  return port;
}

function parseHost(value: string): string {
  if (
    value === "localhost" || /^\d{1,3}(\.\d{1,3}){3}$/.test(value) ||
    value.includes(":") && /^[0-9a-fA-F:]+$/.test(value)
  ) {
    return value;
  }
  throw new ConfigError("HOST", value, 'an IP address to listen on, such as "127.0.0.1" or "0.0.0.0"');
}

function parsePublicUrl(value: string): string | null {
  if (value === "") return null;
  const allowed =
    'an https:// origin without a path, such as "https://chat.example.org" (http:// only on loopback)';
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || url.origin !== value.replace(/\/$/, "").toLowerCase()) {
    throw new ConfigError("PUBLIC_URL", value, allowed);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(host))) {
    throw new ConfigError("PUBLIC_URL", value, allowed);
  }
  return url.origin;
}

function parseDataDir(value: string): string {
  // The start task puts it into permission flags, where commas and spaces are separators.
  if (/[,\s]/.test(value)) {
    throw new ConfigError("DATA_DIR", value, "a folder without spaces and commas in its path");
  }
  return value;
}

function parseKvUrl(value: string, token: string): string | null {
  if (value === "") return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url !== null && (url.username !== "" || url.password !== "")) {
    throw new ConfigError(
      "KV_URL",
      "(an address with a password)",
      "an address without one: set DENO_KV_ACCESS_TOKEN instead",
    );
  }
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:";
  // The start task puts it into permission flags, where commas and spaces are separators.
  if (!isHttp || /[,\s]/.test(value)) {
    throw new ConfigError(
      "KV_URL",
      value,
      'the address of a KV Connect server, such as "http://127.0.0.1:4512"',
    );
  }
  if (token.length < KV_TOKEN_MIN_CHARACTERS) {
    const allowed =
      `the access token of the server at KV_URL, at least ${KV_TOKEN_MIN_CHARACTERS} characters`;
    throw new ConfigError("DENO_KV_ACCESS_TOKEN", `(${token.length} characters)`, allowed);
  }
  return url.href;
}

function parseInstanceId(value: string): string | null {
  if (value === "" || /^[A-Za-z0-9_-]{1,32}$/.test(value)) return value || null;
  throw new ConfigError("INSTANCE_ID", value, "1 to 32 letters, digits, - and _");
}

function parseTrustProxy(value: string): AddressRanges {
  const ranges = new AddressRanges();
  for (const part of value.split(",").map((text) => text.trim()).filter((text) => text !== "")) {
    if (!ranges.add(part)) {
      throw new ConfigError("TRUST_PROXY", value, 'networks separated by commas, such as "10.0.0.0/8,::1"');
    }
  }
  return ranges;
}

function parsePeerUrls(value: string): string[] {
  const urls = value.split(",").map((text) => text.trim().replace(/\/$/, "")).filter((text) => text !== "");
  for (const url of urls) {
    const isOrigin = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) &&
      new URL(url).origin === url;
    if (isOrigin) continue;
    const allowed = 'origins of other instances separated by commas, such as "http://10.0.0.2:8000"';
    throw new ConfigError("PEER_URLS", value, allowed);
  }
  if (urls.length > PEERS_MAX_COUNT) {
    throw new ConfigError("PEER_URLS", value, `at most ${PEERS_MAX_COUNT} addresses`);
  }
  return urls;
}

function parseTurn(value: string, secret: string): TurnConfig | null {
  if (value === "" && secret === "") return null;
  const servers = value.split(",").map((text) => text.trim()).filter((text) => text !== "").map((text) => {
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

function parseStatusMirrorUrl(value: string, publicUrl: string | null): string | null {
  if (value === "") return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  const isPlain = url !== null && url.username === "" && url.password === "" && url.hash === "";
  const isSafe = url?.protocol === "https:" ||
    url?.protocol === "http:" && isLoopback(url.hostname.replace(/^\[|\]$/g, ""));
  if (!isPlain || !isSafe) {
    const shown = value.includes("@") ? "(an address with @)" : value;
    const allowed = 'the https:// address of a mirror, such as "https://status.example.net/"';
    throw new ConfigError("STATUS_MIRROR_URL", shown, allowed);
  }
  if (url.origin === publicUrl) {
    throw new ConfigError("STATUS_MIRROR_URL", value, "on another host than PUBLIC_URL, to outlive it");
  }
  return url.href;
}

function parseMetricsToken(value: string): string | null {
  if (value === "") return null;
  if (!isSecret(value, METRICS_TOKEN_MIN_CHARACTERS)) {
    const allowed = secretForm(METRICS_TOKEN_MIN_CHARACTERS);
    // The message may end up in a log that others read, so even an invalid secret is not shown.
    throw new ConfigError("METRICS_TOKEN", `(${value.length} characters)`, allowed);
  }
  return value;
}

function isSecret(value: string, minCharacters: number): boolean {
  return value.length >= minCharacters && /^[\x21-\x7e]+$/.test(value);
}

function secretForm(minCharacters: number): string {
  return `at least ${minCharacters} printable ASCII characters without spaces`;
}

function oneOf<T extends string>(variable: Variable, value: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw new ConfigError(variable, value, `one of ${allowed.join(", ")}`);
  return found;
}
