import type { IncomingMessage } from "node:http";
import { AppError } from "../../shared/errors.ts";

// Characters of RFC 3986 §3.3; anything else has to be percent-encoded.
const PATH_PATTERN = /^(?:\/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+$/;
// The URL standard removes these segments; other parsers keep them.
const DOTS_PATTERN = /\/\.{1,2}(?:\/|$)/;
// Encoded letters, digits and -._~, which need no encoding, and encoded slashes, backslashes, percents and
// controls.
const NEEDLESS_PATTERN = /%(?:2[dDeEfF5]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9aA]|5[cCfF]|7[eEfF]|[01][0-9A-Fa-f])/;
// Visible ASCII except #, because fragments are never sent.
const QUERY_PATTERN = /^[!-"$-~]*$/;

/** Refuses a request whose target is not canonical. */
export function requireCanonicalTarget(request: IncomingMessage): void {
  if (isCanonicalTarget(request.url ?? "")) return;
  throw new AppError("invalid_request", "The request path is not in normal form");
}

/**
 * Whether a request target is a plain path and query that everyone parses the same way. Limits, routes and proxies
 * parse targets differently, so an ambiguous one could get past one of them.
 */
export function isCanonicalTarget(target: string): boolean {
  const at = target.indexOf("?");
  const path = at < 0 ? target : target.slice(0, at);
  const query = at < 0 ? "" : target.slice(at + 1);
  return PATH_PATTERN.test(path) && !path.includes("//") && !DOTS_PATTERN.test(path) &&
    !NEEDLESS_PATTERN.test(path) && QUERY_PATTERN.test(query);
}
