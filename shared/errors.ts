/** The tRPC codes we use, which also determine the HTTP status. */
export type TrpcCode =
  | "BAD_REQUEST"
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "CONFLICT"
  | "PAYLOAD_TOO_LARGE"
  | "TOO_MANY_REQUESTS"
  | "SERVICE_UNAVAILABLE"
  | "INTERNAL_SERVER_ERROR"
  | "METHOD_NOT_SUPPORTED"
  | "PARSE_ERROR"
  | "UNSUPPORTED_MEDIA_TYPE";

interface ErrorEntry {
  readonly code: TrpcCode;
  /** Whether the same request may succeed later, unchanged. */
  readonly isRetryable: boolean;
}

/** Every error that programs can distinguish, sent as `data.appCode`. */
export const APP_ERRORS = {
  invalid_input: { code: "BAD_REQUEST", isRetryable: false },
  invalid_position: { code: "BAD_REQUEST", isRetryable: false },
  invalid_request: { code: "BAD_REQUEST", isRetryable: false },
  unauthenticated: { code: "UNAUTHORIZED", isRetryable: false },
  bad_credentials: { code: "UNAUTHORIZED", isRetryable: false },
  not_allowed: { code: "FORBIDDEN", isRetryable: false },
  origin_refused: { code: "FORBIDDEN", isRetryable: false },
  membership_ended: { code: "FORBIDDEN", isRetryable: false },
  not_found: { code: "NOT_FOUND", isRetryable: false },
  invite_invalid: { code: "NOT_FOUND", isRetryable: false },
  setup_invalid: { code: "NOT_FOUND", isRetryable: false },
  reset_invalid: { code: "NOT_FOUND", isRetryable: false },
  name_taken: { code: "CONFLICT", isRetryable: false },
  already_set_up: { code: "CONFLICT", isRetryable: false },
  last_owner: { code: "CONFLICT", isRetryable: false },
  room_archived: { code: "CONFLICT", isRetryable: false },
  wrong_state: { code: "CONFLICT", isRetryable: false },
  too_large: { code: "PAYLOAD_TOO_LARGE", isRetryable: false },
  rate_limited: { code: "TOO_MANY_REQUESTS", isRetryable: true },
  too_many_subscriptions: { code: "TOO_MANY_REQUESTS", isRetryable: true },
  storage_unavailable: { code: "SERVICE_UNAVAILABLE", isRetryable: true },
  storage_full: { code: "SERVICE_UNAVAILABLE", isRetryable: true },
  draining: { code: "SERVICE_UNAVAILABLE", isRetryable: true },
  internal: { code: "INTERNAL_SERVER_ERROR", isRetryable: false },
} as const satisfies Record<string, ErrorEntry>;

/** The name of an error, for programs to compare. */
export type AppErrorCode = keyof typeof APP_ERRORS;

/** An invalid field of an input. `path` joins keys with dots; "" is the input itself. */
export interface InputIssue {
  readonly path: string;
  readonly message: string;
}

/** Details of an error besides its code. */
export interface AppErrorDetails {
  readonly retryAfterMs?: number;
  readonly issues?: InputIssue[];
  readonly cause?: unknown;
}

/** An error whose message may be shown to the caller. All other errors are masked as `internal`. */
export class AppError extends Error {
  readonly appCode: AppErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly issues: InputIssue[] | undefined;

  /** The message is in sentence case, without a final period. */
  constructor(appCode: AppErrorCode, message: string, details: AppErrorDetails = {}) {
    // The code says where the error comes from. tRPC reads the stack of everything thrown, and creating it takes
    // longer than most calls (130 µs measured).
    const limits = Error as { stackTraceLimit?: number };
    const before = limits.stackTraceLimit;
    // Only V8 has this property, and only there is the stack expensive.
    if (before !== undefined) limits.stackTraceLimit = 0;
    super(message, { cause: details.cause });
    if (before !== undefined) limits.stackTraceLimit = before;
    this.name = "AppError";
    this.appCode = appCode;
    this.retryAfterMs = details.retryAfterMs;
    this.issues = details.issues;
  }
}

/** WebSocket close codes. Clients may reconnect after 4000–4499, but not after 4500–4999. */
export const CLOSE_CODES = {
  tooLarge: 1009,
  restart: 1012,
  tooFast: 4008,
  sessionEnded: 4501,
  accountDeactivated: 4502,
} as const;

/** Whether our clients may reconnect after this close code. */
export function mayReconnect(closeCode: number): boolean {
  return closeCode < 4500 || closeCode > 4999;
}
