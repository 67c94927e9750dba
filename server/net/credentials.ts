import type { IncomingMessage } from "node:http";
import { parse, serialize } from "hono/utils/cookie";
import { hashSecret } from "../auth/secrets.ts";
import type { SessionCookie } from "../rpc/context.ts";
import { SESSION_ABSOLUTE_MS } from "../../shared/limits.ts";

/** A secret sent with a request, and how it was sent. */
export interface Credential {
  readonly kind: "session" | "token";
  readonly secret: string;
}

const BEARER_PATTERN = /^Bearer ([A-Za-z0-9_-]{1,200})$/i;
const SECRET_PATTERN = /^[A-Za-z0-9_-]{1,200}$/;

/** The cookie's name. With `__Host-`, browsers insist on Secure and on this exact host (RFC 6265bis §4.1.3). */
export function cookieName(isHttps: boolean): string {
  return isHttps ? "__Host-sid" : "sid";
}

/** Reads the credential of a request: the bearer token, otherwise the session cookie. */
export function readCredential(request: IncomingMessage, isHttps: boolean): Credential | null {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) {
    const secret = BEARER_PATTERN.exec(authorization)?.[1];
    // A malformed token is refused like a revoked one; the cookie is not used instead.
    return { kind: "token", secret: secret ?? "" };
  }
  const secret = readCookie(cookie, cookieName(isHttps));
  return secret === null ? null : { kind: "session", secret };
}

/** Returns a hash of a credential that is safe to keep in memory. */
export function hashOf({ kind, secret }: Credential): string {
  return `${kind} ${hashSecret(secret)}`;
}

/** Whether a `Cookie` header has a session cookie, valid or not. */
export function hasSessionCookie(header: string | null): boolean {
  return [true, false].some((isHttps) => readCookie(header ?? undefined, cookieName(isHttps)) !== null);
}

function readCookie(header: string | undefined, name: string): string | null {
  const value = parse(header ?? "", name)[name];
  return value !== undefined && SECRET_PATTERN.test(value) ? value : null;
}

/** Returns functions that write the session cookie into the headers of an answer. */
export function sessionCookie(headers: Headers, isHttps: boolean): SessionCookie {
  const name = cookieName(isHttps);
  const attributes = { secure: isHttps, httpOnly: true, sameSite: "Strict", path: "/" } as const;
  const replace = (value: string, maxAge: number) =>
    headers.set("Set-Cookie", serialize(name, value, { ...attributes, maxAge }));
  return {
    set(token) {
      // The server decides when a session ends; the browser just has to keep the cookie long enough.
      replace(token, SESSION_ABSOLUTE_MS / 1000);
    },
    clear() {
      replace("", 0);
      // Drafts and unsent messages must not wait for the next person who uses this device.
      headers.set("Clear-Site-Data", '"storage"');
    },
  };
}
