import { isIP } from "node:net";
import { AddressRanges, isLoopback } from "./net/address.ts";
import { parseCallServers, parseStunPort } from "./call_servers.ts";
import type { CallServers } from "./call_servers.ts";
import { ConfigError, isSecret, secretForm } from "./config_error.ts";
import type { LogFormat, LogLevel } from "./log.ts";
import { parsePushHosts } from "./push/push_hosts.ts";

/** The configuration, validated. */
export interface Config extends CallServers {
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
  /** Where a copy of the status page is kept on another machine. */
  readonly statusMirrorUrl: string | null;
  /** Names of push services, `*.` for any subdomain; none turns push off. */
  readonly pushHosts: readonly string[];
  readonly metricsToken: string | null;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Bundles the client in memory and reloads pages on change. */
  readonly isDev: boolean;
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
  "STUN_URLS",
  "STUN_PORT",
  "TURN_URLS",
  "TURN_SECRET",
  "LIVEKIT_URL",
  "LIVEKIT_KEY",
  "LIVEKIT_SECRET",
  "STATUS_MIRROR_URL",
  "PUSH_HOSTS",
  "METRICS_TOKEN",
  "LOG_LEVEL",
  "LOG_FORMAT",
] as const;

type Variable = typeof CONFIG_VARIABLES[number];
/** `STUN_HOST` is read by `deno task stun` alone. */
export type ConfigVariable = Variable | "STUN_HOST";
type Environment = Readonly<Partial<Record<Variable, string>>>;

/** Each is dialed every 20 s. */
const PEERS_MAX_COUNT = 20;
const METRICS_TOKEN_MIN_CHARACTERS = 16;
/** KV Connect servers refuse shorter ones. */
const KV_TOKEN_MIN_CHARACTERS = 12;

/** Reads the environment; nothing else does. */
export function readConfig(options: { isDev: boolean } = { isDev: false }): Config {
  const environment: Partial<Record<Variable, string>> = {};
  for (const name of CONFIG_VARIABLES) {
    const value = Deno.env.get(name);
    if (value !== undefined) environment[name] = value;
  }
  return parseConfig(environment, options);
}

/** Where `deno task stun` listens. */
export interface StunConfig {
  readonly hosts: readonly string[];
  readonly port: number;
}

/** The usual port of STUN. */
const STUN_PORT = 3478;
/** Every address of both families. */
const STUN_HOSTS = ["0.0.0.0", "::"] as const;

/** Reads what `deno task stun` needs, and no other variable. */
export function readStunConfig(): StunConfig {
  const read = (name: "STUN_PORT" | "STUN_HOST") => Deno.env.get(name)?.trim() ?? "";
  return parseStunConfig(read("STUN_PORT"), read("STUN_HOST"));
}

/** Validates where our STUN server listens; by default on all addresses, at the usual port. */
export function parseStunConfig(port: string, host: string): StunConfig {
  if (host !== "" && isIP(host) === 0) {
    throw new ConfigError("STUN_HOST", host, 'an IP address to listen on, such as "192.0.2.1" or "::"');
  }
  return { hosts: host === "" ? STUN_HOSTS : [host], port: parseStunPort(port) ?? STUN_PORT };
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
    ...parseCallServers({
      stunUrls: read("STUN_URLS", ""),
      stunPort: read("STUN_PORT", ""),
      turnUrls: read("TURN_URLS", ""),
      turnSecret: read("TURN_SECRET", ""),
      liveKitUrl: read("LIVEKIT_URL", ""),
      liveKitKey: read("LIVEKIT_KEY", ""),
      liveKitSecret: read("LIVEKIT_SECRET", ""),
    }, publicUrl),
    statusMirrorUrl: parseStatusMirrorUrl(read("STATUS_MIRROR_URL", ""), publicUrl),
    pushHosts: pushHostsOf(read("PUSH_HOSTS", ""), publicUrl),
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

/** Push services want to know whom to complain to, which is PUBLIC_URL; and browsers subscribe only over https. */
function pushHostsOf(value: string, publicUrl: string | null): readonly string[] {
  const hosts = parsePushHosts(value);
  return publicUrl?.startsWith("https:") ? hosts : [];
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

function oneOf<T extends string>(variable: Variable, value: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw new ConfigError(variable, value, `one of ${allowed.join(", ")}`);
  return found;
}
