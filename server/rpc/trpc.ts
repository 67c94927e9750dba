import { initTRPC, TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import type { TRPC_ERROR_CODE_KEY } from "@trpc/server/rpc";
import { AppError } from "../../shared/errors.ts";
import type { AppErrorCode, InputIssue } from "../../shared/errors.ts";
import { HEARTBEAT_GRACE_MS, STREAM_PING_MS } from "../../shared/limits.ts";
import type { Actor, Context } from "./context.ts";
import { describeInputIssues } from "./input_issues.ts";
import { runMiddlewares } from "./run_middlewares.ts";
import { TRPC_CODES } from "./trpc_codes.ts";

/** Our part of `error.data`, the same on every transport. */
export interface ErrorData {
  appCode: AppErrorCode;
  retryAfterMs?: number;
  issues?: InputIssue[];
  /** Also in the log, next to the real error. */
  errorId?: string;
}

/** Describes an error for the caller. Errors not meant for callers become `internal` with an id. */
export function describeError(error: TRPCError): { message: string; data: ErrorData } {
  const cause = error.cause;
  if (cause instanceof AppError) {
    return {
      message: cause.message,
      data: {
        appCode: cause.appCode,
        ...(cause.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs }),
        ...(cause.issues === undefined ? {} : { issues: cause.issues }),
      },
    };
  }
  const issues = describeInputIssues(cause);
  if (error.code === "BAD_REQUEST" && issues !== null) {
    const first = issues[0];
    const message = first === undefined ? "Input is not valid" : `${first.path || "input"}: ${first.message}`;
    return { message, data: { appCode: "invalid_input", issues } };
  }
  const appCode = PLAIN_CODES[error.code];
  if (appCode === undefined) {
    return { message: "Internal error", data: { appCode: "internal", errorId: errorIdOf(error) } };
  }
  return { message: PLAIN_MESSAGES[appCode] ?? "Request is not valid", data: { appCode } };
}

const PLAIN_CODES: Partial<Record<TRPC_ERROR_CODE_KEY, AppErrorCode>> = {
  BAD_REQUEST: "invalid_request",
  PARSE_ERROR: "invalid_request",
  METHOD_NOT_SUPPORTED: "invalid_request",
  UNSUPPORTED_MEDIA_TYPE: "invalid_request",
  UNPROCESSABLE_CONTENT: "invalid_request",
  NOT_FOUND: "not_found",
  UNAUTHORIZED: "unauthenticated",
  PAYLOAD_TOO_LARGE: "too_large",
  CLIENT_CLOSED_REQUEST: "invalid_request",
};

const PLAIN_MESSAGES: Partial<Record<AppErrorCode, string>> = {
  not_found: "Procedure does not exist",
  unauthenticated: "Sign in first",
  too_large: "Request is too large",
};

const errorIds = new WeakMap<TRPCError, string>();

/** Returns the id under which an internal error is logged and shown; the same error keeps its id. */
export function errorIdOf(error: TRPCError): string {
  let id = errorIds.get(error);
  if (id === undefined) {
    id = crypto.randomUUID();
    errorIds.set(error, id);
  }
  return id;
}

const httpStatuses = new Map<TRPC_ERROR_CODE_KEY, number>();

/** Creates an error as sent to clients, also for requests refused before tRPC. */
export function errorShape(error: TRPCError, path: string | undefined) {
  const { message, data } = describeError(error);
  // AppErrors of stores, and of generators, arrive as the cause of INTERNAL_SERVER_ERROR; use their own code.
  const code = error.cause instanceof AppError ? TRPC_CODES[error.cause.appCode] : error.code;
  const httpStatus = httpStatuses.getOrInsertComputed(
    code,
    () => getHTTPStatusCodeFromError(new TRPCError({ code })),
  );
  return {
    message,
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: { code, httpStatus, path, ...data },
  };
}

const t = initTRPC.context<Context>().create({
  // Development mode would send stack traces to clients.
  isDev: false,
  errorFormatter: ({ shape, error }) => errorShape(error, shape.data.path),
  // Clients detect a dead stream by missing pings.
  sse: {
    ping: { enabled: true, intervalMs: STREAM_PING_MS },
    client: { reconnectAfterInactivityMs: STREAM_PING_MS + HEARTBEAT_GRACE_MS },
  },
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/**
 * `experimental_caller` types procedures for server actions; ours are called by tRPC's handlers, so restore the usual
 * type.
 */
const procedure = t.procedure.experimental_caller(runMiddlewares) as unknown as typeof t.procedure;

/** Anyone, signed in or not. HTTP calls wait for their turn here; WebSocket requests have already waited. */
export const publicProcedure = procedure.use(({ ctx, path, next }) =>
  ctx.lane === null ? next() : ctx.lane.perform(path, () => next())
);

/**
 * Returns the caller with their current rights, which may have changed during a wait; throws if the login has
 * ended.
 */
export async function requireActor({ login, services }: Context): Promise<Actor> {
  if (login === null) throw new AppError("unauthenticated", "Sign in first");
  const actor = await services.accounts.resolve(login);
  if (actor === null) throw new AppError("unauthenticated", "The session has ended, sign in again");
  return actor;
}

/** Throws if a call of a batch would keep the others waiting. */
export function refuseWaitInBatch({ lane }: Context, { waitMs }: { readonly waitMs: number }): void {
  if (waitMs > 0 && lane?.isBatch) {
    throw new AppError("invalid_request", "Calls that wait cannot be part of a batch");
  }
}

/** Signed-in users only. `ctx.actor` has the rights at the time of the call. */
export const userProcedure = publicProcedure.use(async ({ ctx, next }) =>
  next({ ctx: { actor: await requireActor(ctx) } })
);

/** Only people with a session, because a login created by a token would outlive the token. */
export const sessionProcedure = userProcedure.use(({ ctx, next }) => {
  if (ctx.actor.sessionId !== null) return next();
  throw new AppError("not_allowed", "Sign in to do this, a token is not enough");
});
