import type { HttpCall } from "./http_call.ts";
import { readWireError } from "./wire_error.ts";

/** The result of a session check. */
export type SessionState = "signed_in" | "ended" | "unreachable";

/** Checks over HTTP whether the server answers and the session is valid. */
export type SessionCheck = () => Promise<SessionState>;

const PATIENCE_MS = 5_000;

/** Checks the session; concurrent calls share one request. */
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
