import type { HttpCall } from "./http_call.ts";
import { readWireError } from "./wire_error.ts";

/** The result of a session check. */
export type SessionState = "signed_in" | "ended" | "unreachable";

/**
 * Checks over HTTP whether the server answers and the session is valid. An urgent check asks again instead of waiting
 * for an answer that may have been lost.
 */
export type SessionCheck = (isUrgent?: boolean) => Promise<SessionState>;

const PATIENCE_MS = 5_000;
const ASK_AGAIN = "Ask again";

/** Checks the session; concurrent calls share one request. */
export function sessionCheck(call: HttpCall): SessionCheck {
  let running: Promise<SessionState> | null = null;
  let current = new AbortController();
  const askOnce = async (signal: AbortSignal): Promise<SessionState> => {
    try {
      const me = await call({ type: "query", path: "auth.me", input: undefined, signal });
      return me === null ? "ended" : "signed_in";
    } catch (error) {
      return readWireError(error).appCode === "unauthenticated" ? "ended" : "unreachable";
    }
  };
  const ask = async (): Promise<SessionState> => {
    for (;;) {
      const abort = current = new AbortController();
      const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
      const state = await askOnce(abort.signal);
      clearTimeout(timer);
      if (abort.signal.reason === ASK_AGAIN) continue;
      running = null;
      return state;
    }
  };
  return (isUrgent = false) => {
    if (isUrgent) current.abort(ASK_AGAIN);
    return running ??= ask();
  };
}
