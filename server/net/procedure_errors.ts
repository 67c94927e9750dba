import { TRPCError } from "@trpc/server";
import { AppError } from "../../shared/errors.ts";
import type { Log } from "../log.ts";
import { describeError, errorIdOf } from "../rpc/trpc.ts";

/** Logs an error that the caller only sees as `internal`, with the error id the caller got. */
export function logProcedureError(log: Log, error: TRPCError, path: string | undefined): void {
  if (describeError(error).data.appCode !== "internal") return;
  log.error("A request failed", error.cause ?? error, { errorId: errorIdOf(error), path });
}

/**
 * Turns anything thrown before a procedure runs into an error for the caller; unexpected errors are logged and
 * masked.
 */
export function asRefusal(error: unknown, log: Log): AppError | TRPCError {
  if (error instanceof AppError) return error;
  const refusal = error instanceof TRPCError
    ? error
    : new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: error });
  logProcedureError(log, refusal, undefined);
  return refusal;
}
