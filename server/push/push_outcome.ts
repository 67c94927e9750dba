/** A push service that asks for more is not waited for any longer. */
const ASKED_MAX_MS = 5 * 60_000;

/** How an attempt ended. `afterMs` is what the push service asked for, if it did. */
export type PushOutcome =
  | { readonly type: "sent" | "gone" | "failed" | "dropped" }
  | { readonly type: "again"; readonly afterMs: number | null };

/** Returns what the answer of a push service means (RFC 8030). Redirects are refused. */
export function outcomeOf(
  { status, headers }: Pick<Response, "status" | "headers">,
  nowMs: number,
): PushOutcome {
  if (status >= 200 && status < 300) return { type: "sent" };
  if (status === 404 || status === 410) return { type: "gone" };
  if (status !== 429 && status < 500) return { type: "failed" };
  return { type: "again", afterMs: retryAfter(headers.get("retry-after"), nowMs) };
}

/** Returns the time of a `Retry-After` header, given in seconds or as a date. */
function retryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const ms = /^\d+$/.test(value) ? 1_000 * Number(value) : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), ASKED_MAX_MS);
}
