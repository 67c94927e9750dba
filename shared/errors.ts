/** Every error that programs can distinguish, sent as `data.appCode`: whether the same request may succeed later. */
export const IS_RETRYABLE = {
  invalid_input: false,
  invalid_position: false,
  invalid_request: false,
  unauthenticated: false,
  bad_credentials: false,
  not_allowed: false,
  origin_refused: false,
  membership_ended: false,
  not_in_call: false,
  push_host_refused: false,
  not_found: false,
  invite_invalid: false,
  setup_invalid: false,
  reset_invalid: false,
  name_taken: false,
  already_set_up: false,
  last_owner: false,
  room_archived: false,
  call_full: false,
  call_moved: false,
  wrong_state: false,
  too_large: false,
  rate_limited: true,
  too_many_subscriptions: true,
  storage_unavailable: true,
  storage_full: true,
  draining: true,
  internal: false,
} as const satisfies Record<string, boolean>;

/** The name of an error, for programs to compare. */
export type AppErrorCode = keyof typeof IS_RETRYABLE;

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
