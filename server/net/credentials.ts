import type { IncomingMessage } from "node:http";
import type { SessionCookie } from "../context.ts";
import { SESSION_ABSOLUTE_MS } from "../../shared/limits.ts";

/** A secret that a request shows, and how. */
export interface Credential {
  readonly kind: "session" | "token";
  readonly secret: string;
}

const BEARER_PATTERN = /^Bearer ([A-Za-z0-9_-]{1,200})$/i;
const SECRET_PATTERN = /^[A-Za-z0-9_-]{1,200}$/;

/** The cookie's name. `__Host-` makes browsers insist on Secure and on this very host (RFC 6265bis §4.1.3). */
export function cookieName(isHttps: boolean): string {
  return isHttps ? "__Host-sid" : "sid";
}

/** Reads what a request shows: a bearer token, else the session cookie. */
export function readCredential(request: IncomingMessage, isHttps: boolean): Credential | null {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) {
    const secret = BEARER_PATTERN.exec(authorization)?.[1];
    // A malformed one is refused like a dead one, never replaced by the cookie.
    return { kind: "token", secret: secret ?? "" };
  }
  const secret = readCookie(cookie, cookieName(isHttps));
  return secret === null ? null : { kind: "session", secret };
}

/** Says whether a `Cookie` header has what looks like a session, whether or not that one is still good. */
export function hasSessionCookie(header: string | null): boolean {
  return [true, false].some((isHttps) => readCookie(header ?? undefined, cookieName(isHttps)) !== null);
}

function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(";") ?? []) {
    const at = pair.indexOf("=");
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    const value = pair.slice(at + 1).trim();
    return SECRET_PATTERN.test(value) ? value : null;
  }
  return null;
}

/** Writes the session cookie into the headers of one answer. */
export function sessionCookie(headers: Headers, isHttps: boolean): SessionCookie {
  const name = cookieName(isHttps);
  const attributes = `${isHttps ? "Secure; " : ""}HttpOnly; SameSite=Strict; Path=/`;
  // How long a session really lives is the server's to say: the browser only has to keep it long enough.
  const maxAgeS = SESSION_ABSOLUTE_MS / 1000;
  const replace = (value: string) => {
    headers.delete("Set-Cookie");
    headers.append("Set-Cookie", value);
  };
  return {
    set(token) {
      replace(`${name}=${token}; Max-Age=${maxAgeS}; ${attributes}`);
    },
    clear() {
      replace(`${name}=; Max-Age=0; ${attributes}`);
      // Drafts and unsent messages of who signed out do not wait for the next person at this device.
      headers.set("Clear-Site-Data", '"storage"');
    },
  };
}
