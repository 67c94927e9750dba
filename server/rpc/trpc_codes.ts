import type { TRPC_ERROR_CODE_KEY } from "@trpc/server/rpc";
import type { AppErrorCode } from "../../shared/errors.ts";

/** The tRPC code of each error, which also determines the HTTP status. */
export const TRPC_CODES = {
  invalid_input: "BAD_REQUEST",
  invalid_position: "BAD_REQUEST",
  invalid_request: "BAD_REQUEST",
  unauthenticated: "UNAUTHORIZED",
  bad_credentials: "UNAUTHORIZED",
  not_allowed: "FORBIDDEN",
  origin_refused: "FORBIDDEN",
  membership_ended: "FORBIDDEN",
  not_in_call: "FORBIDDEN",
  push_host_refused: "FORBIDDEN",
  not_found: "NOT_FOUND",
  invite_invalid: "NOT_FOUND",
  setup_invalid: "NOT_FOUND",
  reset_invalid: "NOT_FOUND",
  name_taken: "CONFLICT",
  already_set_up: "CONFLICT",
  last_owner: "CONFLICT",
  room_archived: "CONFLICT",
  call_full: "CONFLICT",
  call_moved: "CONFLICT",
  wrong_state: "CONFLICT",
  too_large: "PAYLOAD_TOO_LARGE",
  rate_limited: "TOO_MANY_REQUESTS",
  too_many_subscriptions: "TOO_MANY_REQUESTS",
  storage_unavailable: "SERVICE_UNAVAILABLE",
  storage_full: "SERVICE_UNAVAILABLE",
  draining: "SERVICE_UNAVAILABLE",
  internal: "INTERNAL_SERVER_ERROR",
} as const satisfies Record<AppErrorCode, TRPC_ERROR_CODE_KEY>;
