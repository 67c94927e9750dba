import type { IncomingMessage } from "node:http";
import { AppError } from "../../shared/errors.ts";

/** The origins of our own pages; written exactly as browsers write them. */
export function ownOrigins(publicUrl: string | null, port: number): ReadonlySet<string> {
  if (publicUrl !== null) return new Set([publicUrl]);
  return new Set(
    ["127.0.0.1", "localhost", "[::1]"].map((host) => `http://${host}${port === 80 ? "" : `:${port}`}`),
  );
}

/**
 * Refuses what another site's page may have caused. A browser names the origin on every upgrade and every POST, so
 * a cookie without one is no browser of ours; a program shows a token and needs none.
 */
export function checkOrigin(request: IncomingMessage, origins: ReadonlySet<string>): AppError | null {
  const { origin, cookie } = request.headers;
  // Two Origin headers arrive joined by a comma and so match nothing.
  if (origin !== undefined) return origins.has(origin) ? null : originRefused();
  if (cookie !== undefined) return originRefused();
  const site = request.headers["sec-fetch-site"];
  return site === undefined || site === "same-origin" || site === "none" ? null : originRefused();
}

function originRefused(): AppError {
  return new AppError("origin_refused", "Requests from this origin are refused");
}
