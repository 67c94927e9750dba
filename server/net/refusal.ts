import { STATUS_CODES } from "node:http";
import { TRPCError } from "@trpc/server";
import { AppError } from "../../shared/errors.ts";
import { errorShape } from "../rpc/trpc.ts";
import { TRPC_CODES } from "../rpc/trpc_codes.ts";
import { withoutStack } from "../rpc/without_stack.ts";
import { isPublicRoute, publicFailure } from "./public_route.ts";

/** An error answer. Except for public routes its body is what tRPC would send, so that stock clients understand it. */
export interface Refusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const DRAIN_RETRY_AFTER_MS = 5_000;

/** The error for requests that would outlast an instance that is about to stop. */
export function draining(): AppError {
  return new AppError("draining", "The server is about to restart", { retryAfterMs: DRAIN_RETRY_AFTER_MS });
}

/** Creates the answer for a request that is refused before a procedure runs; `target` may be a public route. */
export function refusalOf(error: AppError | TRPCError, target = ""): Refusal {
  const shape = error instanceof TRPCError ? errorShape(error, undefined) : refusalShape(error, undefined);
  const { httpStatus, retryAfterMs } = shape.data;
  const { headers, body } = isPublicRoute(target)
    ? publicFailure(target, shape.message)
    : { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ error: shape }) };
  return {
    status: httpStatus,
    headers: {
      ...headers,
      ...(retryAfterMs === undefined ? {} : { "Retry-After": retryAfterSeconds(retryAfterMs) }),
    },
    body,
  };
}

/** Like `refusalOf`, for a request on a WebSocket, which includes the procedure's path. */
export function refusalShape(error: AppError, path: string | undefined): ReturnType<typeof errorShape> {
  const code = TRPC_CODES[error.appCode];
  return errorShape(withoutStack(() => new TRPCError({ code, cause: error })), path);
}

/** `Retry-After` is in whole seconds (RFC 9110 §10.2.3), rounded up, because retrying too early would fail again. */
export function retryAfterSeconds(retryAfterMs: number): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
}

/** Encodes a complete HTTP answer, for sockets without a response object: upgrades and parse errors. */
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
