import { APP_ERRORS } from "../../shared/errors.ts";
import type { AppErrorCode } from "../../shared/errors.ts";

/** What an error of a call says to a program. */
export interface WireError {
  /** Null when no answer came: the request may or may not have been done. */
  readonly appCode: AppErrorCode | null;
  /** The same request may succeed later without a change. */
  readonly isRetryable: boolean;
  /** The server asks for this wait. */
  readonly retryAfterMs: number;
}

/** Reads what a call threw. */
export function readWireError(error: unknown): WireError {
  const data = dataOf(error);
  if (data === null) return { appCode: null, isRetryable: true, retryAfterMs: 0 };
  const appCode = typeof data.appCode === "string" && Object.hasOwn(APP_ERRORS, data.appCode)
    ? data.appCode as AppErrorCode
    : "internal";
  const retryAfterMs = typeof data.retryAfterMs === "number" ? Math.max(0, data.retryAfterMs) : 0;
  return { appCode, isRetryable: APP_ERRORS[appCode].isRetryable, retryAfterMs };
}

function dataOf(error: unknown): { readonly appCode?: unknown; readonly retryAfterMs?: unknown } | null {
  if (typeof error !== "object" || error === null) return null;
  if ("data" in error && typeof error.data === "object" && error.data !== null) return error.data;
  return "appCode" in error ? error : null;
}
