import type { IncomingMessage } from "node:http";

/** Each proxy adds at least one of these. */
const FORWARD_HEADERS = ["forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"];

/** Returns the headers of an event stream that answers `request`. With them, proxies pass each event on at once. */
export function eventStreamHeaders({ headers }: Pick<IncomingMessage, "headers">): Record<string, string> {
  const isForwarded = FORWARD_HEADERS.some((name) => headers[name] !== undefined);
  return {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    // Caddy before 2.7 compresses in spite of `no-transform`, and holds back what it compresses.
    ...(isForwarded ? { "Content-Encoding": "identity" } : {}),
  };
}
