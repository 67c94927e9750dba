import { CallError } from "./caller.ts";
import type { Call } from "./caller.ts";
import type { Fetch } from "./transport.ts";

/** Sends a query or a mutation as one HTTP request, in tRPC's wire format. */
export type HttpCall = (call: Call) => Promise<unknown>;

/** Creates calls over plain HTTP; `url` is that of the router. */
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

/** Returns the data of an answer; throws the server's error. */
export function readAnswer(answer: unknown): unknown {
  const { result, error } = (answer ?? {}) as {
    readonly result?: { readonly data?: unknown };
    readonly error?: { readonly message?: unknown; readonly data?: unknown };
  };
  if (result !== undefined) return result.data;
  throw new CallError(String(error?.message ?? "The answer was not understood"), error?.data);
}

/** Whether a call must use HTTP: it sets the cookie, or needs no sign-in. */
export function needsHttp(path: string): boolean {
  return path.startsWith("auth.") || hasSecret(path);
}

/** Invite codes must not be in addresses except after the `#`, since proxies log addresses. */
function hasSecret(path: string): boolean {
  return path === "invites.preview";
}
