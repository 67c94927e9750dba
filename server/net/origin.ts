import type { IncomingMessage } from "node:http";
import { AppError } from "../../shared/errors.ts";

/** The origins of our own pages, spelled as browsers spell them. */
export function ownOrigins(publicUrl: string | null, port: number): ReadonlySet<string> {
  if (publicUrl !== null) return new Set([publicUrl]);
  return new Set(
    ["127.0.0.1", "localhost", "[::1]"].map((host) => `http://${host}${port === 80 ? "" : `:${port}`}`),
  );
}

/**
 * Refuses requests that another site's page may have caused. Browsers send an origin with every upgrade and POST,
 * so a cookie without an origin does not come from a browser; programs use a token and need no origin.
 */
export function checkOrigin(request: IncomingMessage, origins: ReadonlySet<string>): AppError | null {
  const { origin, cookie } = request.headers;
  // Two Origin headers arrive joined by a comma, so they match nothing.
  if (origin !== undefined) return origins.has(origin) ? null : originRefused();
  if (cookie !== undefined) return originRefused();
  const site = request.headers["sec-fetch-site"];
  return site === undefined || site === "same-origin" || site === "none" ? null : originRefused();
}

function originRefused(): AppError {
  return new AppError("origin_refused", "Requests from this origin are refused");
}
