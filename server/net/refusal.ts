import { STATUS_CODES } from "node:http";
import { TRPCError } from "@trpc/server";
import { APP_ERRORS, AppError } from "../../shared/errors.ts";
import { errorShape } from "../rpc/trpc.ts";

/** An answer that is an error; the body is what tRPC itself would send, so that the stock client understands it. */
export interface Refusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const DRAIN_RETRY_AFTER_MS = 5_000;

/** What everybody hears who would stay longer than an instance that is about to stop. */
export function draining(): AppError {
  return new AppError("draining", "The server is about to restart", { retryAfterMs: DRAIN_RETRY_AFTER_MS });
}

/** Makes the answer for what is refused before a procedure runs. */
export function refusalOf(error: AppError | TRPCError): Refusal {
  const shape = error instanceof TRPCError ? errorShape(error, undefined) : refusalShape(error, undefined);
  const { httpStatus, retryAfterMs } = shape.data;
  return {
    status: httpStatus,
    headers: {
      "Content-Type": "application/json",
      ...(retryAfterMs === undefined ? {} : { "Retry-After": retryAfterSeconds(retryAfterMs) }),
    },
    body: JSON.stringify({ error: shape }),
  };
}

/** The same for one request of a WebSocket, which names its procedure. */
export function refusalShape(error: AppError, path: string | undefined): ReturnType<typeof errorShape> {
  return errorShape(new TRPCError({ code: APP_ERRORS[error.appCode].code, cause: error }), path);
}

/** `Retry-After` counts whole seconds (RFC 9110 §10.2.3); too early would be refused again. */
export function retryAfterSeconds(retryAfterMs: number): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
}

/** Writes a whole answer as bytes, for sockets that have no response object: upgrades and parse errors. */
export function rawAnswer(
  status: number,
  headers: Iterable<readonly [string, string]>,
  body = "",
): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  lines.push(`Content-Length: ${new TextEncoder().encode(body).length}`, "Connection: close", "", body);
  return lines.join("\r\n");
}
