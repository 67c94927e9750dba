import { TRPCClientError } from "@trpc/client";
import type { Completion, History, Invocation, Untimed } from "./history.ts";

/** How a call ended for the one who made it. */
export type Outcome<T> =
  | { readonly type: "ok"; readonly value: T }
  | { readonly type: "fail" | "unknown"; readonly retryAfterMs: number };

/** What is asked, without what the recorder adds. */
export type Question = Omit<Untimed<Invocation>, "type" | "op">;

/** What an answer says, as far as the checker looks at it. */
export type Answer = Omit<Untimed<Completion>, "type" | "op">;

const RETRY_MS = 250;
/** After these the change may have been made all the same. */
const UNKNOWN_CODES = new Set(["storage_unavailable", "storage_full", "draining", "internal"]);

/** Makes one call and records how it began and how it ended. */
export async function call<T>(
  history: History,
  question: Question,
  work: () => Promise<T>,
  answerOf: (value: T) => Answer,
): Promise<Outcome<T>> {
  const op = history.invoke(question);
  try {
    const value = await work();
    history.record({ type: "ok", op, ...answerOf(value) });
    return { type: "ok", value };
  } catch (error) {
    const { type, reason, retryAfterMs } = failureOf(error);
    history.record({ type, op, reason });
    return { type, retryAfterMs };
  }
}

/** Only an answer with a code of ours that promises it says that nothing has happened. */
function failureOf(error: unknown): { type: "fail" | "unknown"; reason: string; retryAfterMs: number } {
  const data: unknown = error instanceof TRPCClientError ? error.data : null;
  if (typeof data !== "object" || data === null || !("appCode" in data)) {
    const reason = error instanceof Error ? error.message : String(error);
    return { type: "unknown", reason: reason.slice(0, 120), retryAfterMs: RETRY_MS };
  }
  const { appCode, retryAfterMs } = data as { appCode: string; retryAfterMs?: number };
  return {
    type: UNKNOWN_CODES.has(appCode) ? "unknown" : "fail",
    reason: appCode,
    retryAfterMs: retryAfterMs ?? RETRY_MS,
  };
}
