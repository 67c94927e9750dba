import type { HttpCall } from "./http_call.ts";
import { readWireError } from "./wire_error.ts";

/** What asking the server over plain HTTP has found. */
export type SessionState = "signed_in" | "ended" | "unreachable";

/** Finds out over HTTP whether the server answers and still knows the session. */
export type SessionCheck = () => Promise<SessionState>;

const PATIENCE_MS = 5_000;

/** Makes the check; several askers at a time share one request. */
export function sessionCheck(call: HttpCall): SessionCheck {
  let running: Promise<SessionState> | null = null;
  const ask = async (): Promise<SessionState> => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
    try {
      const me = await call({ type: "query", path: "auth.me", input: undefined, signal: abort.signal });
      return me === null ? "ended" : "signed_in";
    } catch (error) {
      return readWireError(error).appCode === "unauthenticated" ? "ended" : "unreachable";
    } finally {
      clearTimeout(timer);
      running = null;
    }
  };
  return () => running ??= ask();
}
