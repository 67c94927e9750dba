import { TRPCError } from "@trpc/server";
import { AppError } from "../../shared/errors.ts";
import type { Log } from "../log.ts";
import { describeError, errorIdOf } from "../rpc/trpc.ts";

/** Logs what the caller only sees as `internal`, under the id that it was given. */
export function logProcedureError(log: Log, error: TRPCError, path: string | undefined): void {
  if (describeError(error).data.appCode !== "internal") return;
  log.error("A request failed", error.cause ?? error, { errorId: errorIdOf(error), path });
}

/** Makes anything thrown before a procedure fit to show; what is not ours is logged and will be masked. */
export function asRefusal(error: unknown, log: Log): AppError | TRPCError {
  if (error instanceof AppError) return error;
  const refusal = error instanceof TRPCError
    ? error
    : new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: error });
  logProcedureError(log, refusal, undefined);
  return refusal;
}
