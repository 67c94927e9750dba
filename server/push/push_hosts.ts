import { isIP } from "node:net";
import { ConfigError } from "../config_error.ts";

/** The push services of the four browser makers. */
const DEFAULT_HOSTS = [
  "fcm.googleapis.com",
  "updates.push.services.mozilla.com",
  "web.push.apple.com",
  "*.notify.windows.com",
] as const;
/** Each goes into the permissions of the start task. */
const HOSTS_MAX_COUNT = 20;
const LABEL_PATTERN = /^[a-z\d-]{1,63}$/;
const ALLOWED =
  '"none", or names of push services separated by commas, such as "web.push.apple.com,*.example.org"';

/**
 * Validates PUSH_HOSTS: names of push services, in which `*.` at the start stands for any subdomain. Empty means those
 * of the browser makers, and `none` that there are none.
 */
export function parsePushHosts(value: string): readonly string[] {
  if (value === "") return DEFAULT_HOSTS;
  if (value === "none") return [];
  const hosts = value.split(",").map((host) => host.trim().toLowerCase()).filter((host) => host !== "");
  const isValid = hosts.length > 0 && hosts.length <= HOSTS_MAX_COUNT &&
    hosts.every(isHostPattern);
  if (!isValid) throw new ConfigError("PUSH_HOSTS", value, ALLOWED);
  return hosts;
}

/** Returns the address of a push endpoint, or null unless it is one of these services, by name over https on 443. */
export function pushAddress(endpoint: string, hosts: readonly string[]): URL | null {
  if (!URL.canParse(endpoint)) return null;
  const url = new URL(endpoint);
  const { hostname, protocol, port, username, password } = url;
  const isPlain = protocol === "https:" && port === "" && username === "" && password === "";
  if (!isPlain || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0 || isLocalName(hostname)) return null;
  const isNamed = hosts.some((host) =>
    host.startsWith("*.") ? hostname.endsWith(host.slice(1)) && hostname !== host.slice(2) : hostname === host
  );
  return isNamed ? url : null;
}

/** At least two labels, of which the last is no number, as in addresses. */
function isHostPattern(host: string): boolean {
  const labels = host.replace(/^\*\./, "").split(".");
  const isName = labels.length > 1 && /^[a-z]/.test(labels.at(-1) ?? "") &&
    labels.every((label) => LABEL_PATTERN.test(label) && !label.startsWith("-") && !label.endsWith("-"));
  return isName && !isLocalName(host);
}

function isLocalName(host: string): boolean {
  return host === "localhost" || /\.(?:localhost|local|internal)$/.test(host);
}
