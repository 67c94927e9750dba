import { IS_RETRYABLE } from "../../shared/errors.ts";
import type { AppErrorCode, InputIssue } from "../../shared/errors.ts";

/** The parts of an error that code uses. */
export interface WireError {
  /** Null if no answer arrived: the request may or may not have been executed. */
  readonly appCode: AppErrorCode | null;
  /** The same request may succeed later. */
  readonly isRetryable: boolean;
  /** The wait that the server requests, or 0. */
  readonly retryAfterMs: number;
  /** Invalid fields, if the server named them. */
  readonly issues: readonly InputIssue[];
  /** Finds the error in the server's log. */
  readonly errorId: string | null;
}

const NO_ANSWER: WireError = { appCode: null, isRetryable: true, retryAfterMs: 0, issues: [], errorId: null };

/** Parses what a call threw. */
export function readWireError(error: unknown): WireError {
  const data = dataOf(error);
  if (data === null) return NO_ANSWER;
  const { appCode: code, retryAfterMs: waitMs, issues, errorId } = data;
  const appCode = typeof code === "string" && Object.hasOwn(IS_RETRYABLE, code)
    ? code as AppErrorCode
    : "internal";
  return {
    appCode,
    isRetryable: IS_RETRYABLE[appCode],
    retryAfterMs: typeof waitMs === "number" ? Math.max(0, waitMs) : 0,
    issues: Array.isArray(issues) ? issues as InputIssue[] : [],
    errorId: typeof errorId === "string" ? errorId : null,
  };
}

/** A tRPC error has it in `data`; an `AppError` has the same fields itself. */
function dataOf(error: unknown): { readonly [Field in keyof WireError]?: unknown } | null {
  if (typeof error !== "object" || error === null) return null;
  if ("data" in error && typeof error.data === "object" && error.data !== null) return error.data;
  return "appCode" in error ? error : null;
}
