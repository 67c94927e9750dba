import type { IncomingMessage } from "node:http";
import { parse, serialize } from "hono/utils/cookie";
import { hashSecret } from "../auth/secrets.ts";
import type { SessionCookie } from "../rpc/context.ts";
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

/** Gives what a credential may be remembered by. */
export function hashOf({ kind, secret }: Credential): string {
  return `${kind} ${hashSecret(secret)}`;
}

/** Says whether a `Cookie` header has what looks like a session, whether or not that one is still good. */
export function hasSessionCookie(header: string | null): boolean {
  return [true, false].some((isHttps) => readCookie(header ?? undefined, cookieName(isHttps)) !== null);
}

function readCookie(header: string | undefined, name: string): string | null {
  const value = parse(header ?? "", name)[name];
  return value !== undefined && SECRET_PATTERN.test(value) ? value : null;
}

/** Writes the session cookie into the headers of one answer. */
export function sessionCookie(headers: Headers, isHttps: boolean): SessionCookie {
  const name = cookieName(isHttps);
  const attributes = { secure: isHttps, httpOnly: true, sameSite: "Strict", path: "/" } as const;
  const replace = (value: string, maxAge: number) =>
    headers.set("Set-Cookie", serialize(name, value, { ...attributes, maxAge }));
  return {
    set(token) {
      // How long a session really lives is the server's to say: the browser only has to keep it long enough.
      replace(token, SESSION_ABSOLUTE_MS / 1000);
    },
    clear() {
      replace("", 0);
      // Drafts and unsent messages of who signed out do not wait for the next person at this device.
      headers.set("Clear-Site-Data", '"storage"');
    },
  };
}
