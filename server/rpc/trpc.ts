import { initTRPC, TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import type { TRPC_ERROR_CODE_KEY } from "@trpc/server/rpc";
import { APP_ERRORS, AppError } from "../../shared/errors.ts";
import type { AppErrorCode, InputIssue } from "../../shared/errors.ts";
import { HEARTBEAT_GRACE_MS, STREAM_PING_MS } from "../../shared/limits.ts";
import type { Actor, Context } from "./context.ts";
import { goneSignal } from "../net/gone.ts";
import { describeInputIssues } from "./input_issues.ts";

/** What `error.data` holds beside tRPC's own fields, on every transport. */
export interface ErrorData {
  appCode: AppErrorCode;
  retryAfterMs?: number;
  issues?: InputIssue[];
  /** Stands in the log beside what really happened. */
  errorId?: string;
}

/** Describes any error for the caller; what is not meant for its eyes becomes `internal` with an id. */
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

/** Gives the id under which an internal error is logged and shown; the same error keeps its id. */
export function errorIdOf(error: TRPCError): string {
  let id = errorIds.get(error);
  if (id === undefined) {
    id = crypto.randomUUID();
    errorIds.set(error, id);
  }
  return id;
}

/** Makes an error as it stands on the wire, for what is refused before tRPC as well. */
export function errorShape(error: TRPCError, path: string | undefined) {
  const { message, data } = describeError(error);
  // A store's AppError arrives as the cause of INTERNAL_SERVER_ERROR, from generators too: its own code holds.
  const code = error.cause instanceof AppError ? APP_ERRORS[error.cause.appCode].code : error.code;
  const httpStatus = getHTTPStatusCodeFromError(new TRPCError({ code }));
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
  // The client learns of a dead stream by the pings that do not come.
  sse: {
    ping: { enabled: true, intervalMs: STREAM_PING_MS },
    client: { reconnectAfterInactivityMs: STREAM_PING_MS + HEARTBEAT_GRACE_MS },
  },
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Anybody, signed in or not. Calls over HTTP wait for their turn here; those of a WebSocket did so in its line. */
export const publicProcedure = t.procedure.use(({ ctx, path, next }) =>
  ctx.lane === null ? next() : ctx.lane.perform(path, () => next())
);

/** Says who calls, with the rights of right now, which a wait may have changed; throws when the login has ended. */
export async function requireActor({ login, services }: Context): Promise<Actor> {
  if (login === null) throw new AppError("unauthenticated", "Sign in first");
  const actor = await services.accounts.resolve(login);
  if (actor === null) throw new AppError("unauthenticated", "The session has ended, sign in again");
  return actor;
}

/** Only who is signed in; `ctx.actor` holds the rights as of this call, `ctx.gone` aborts when the caller has left. */
export const userProcedure = publicProcedure.use(async ({ ctx, next, signal }) => {
  const actor = await requireActor(ctx);
  const gone = ctx.connection === null ? signal : goneSignal(ctx.connection);
  return next({ ctx: { actor, gone } });
});

/** Only people who are signed in by a session: a login that a token made would outlive the token. */
export const sessionProcedure = userProcedure.use(({ ctx, next }) => {
  if (ctx.actor.sessionId !== null) return next();
  throw new AppError("not_allowed", "Sign in to do this, a token is not enough");
});
