import { APP_ERRORS } from "../../shared/errors.ts";
import type { AppErrorCode } from "../../shared/errors.ts";

/** The parts of an error that code uses. */
export interface WireError {
  /** Null if no answer arrived: the request may or may not have been executed. */
  readonly appCode: AppErrorCode | null;
  /** The same request may succeed later. */
  readonly isRetryable: boolean;
  /** The wait that the server requests. */
  readonly retryAfterMs: number;
}

/** Parses what a call threw. */
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
