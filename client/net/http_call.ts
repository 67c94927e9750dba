import { CallError } from "./caller.ts";
import type { Call } from "./caller.ts";
import type { Fetch } from "./transport.ts";

/** Carries out a query or a mutation with one HTTP request, as tRPC's wire format has it. */
export type HttpCall = (call: Call) => Promise<unknown>;

/** Makes calls over plain HTTP; `url` is of the router. */
export function httpCall(url: string, fetch: Fetch): HttpCall {
  return async ({ type, path, input, signal }) => {
    const json = input === undefined ? undefined : JSON.stringify(input);
    const isPost = type === "mutation" || hasSecret(path);
    const query = isPost || json === undefined ? "" : `?input=${encodeURIComponent(json)}`;
    const response = await fetch(`${url}/${path}${query}`, {
      ...isPost
        ? { method: "POST", headers: { "content-type": "application/json" }, body: json ?? null }
        : { method: "GET" },
      signal: signal ?? null,
    });
    return readAnswer(await response.json());
  };
}

/** Takes the data out of one answer; throws what the server says went wrong. */
export function readAnswer(answer: unknown): unknown {
  const { result, error } = (answer ?? {}) as {
    readonly result?: { readonly data?: unknown };
    readonly error?: { readonly message?: unknown; readonly data?: unknown };
  };
  if (result !== undefined) return result.data;
  throw new CallError(String(error?.message ?? "The answer was not understood"), error?.data);
}

/** Says whether a call may go over HTTP alone: what sets the cookie, or comes before anybody is signed in. */
export function needsHttp(path: string): boolean {
  return path.startsWith("auth.") || hasSecret(path);
}

/** An invite code stands in no address but behind the `#`: addresses are written into the logs of proxies. */
function hasSecret(path: string): boolean {
  return path === "invites.preview";
}
