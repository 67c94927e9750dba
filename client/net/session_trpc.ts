import { browserFetch } from "./browser_platform.ts";
import { shapeCaller } from "./caller.ts";
import { withEarly } from "./early_caller.ts";
import { earlyStart } from "./early_start.ts";
import { httpCall } from "./http_call.ts";
import type { Trpc } from "./trpc.ts";

/** The procedures that need no sign-in. */
export type SessionTrpc = Pick<Trpc, "auth" | "invites">;

/** Returns the procedures that need no sign-in. */
export function sessionTrpc(baseUrl: string): SessionTrpc {
  const request = httpCall(`${baseUrl}/trpc`, browserFetch);
  return shapeCaller<SessionTrpc>(withEarly({ request, subscribe }, earlyStart()));
}

function subscribe(): never {
  throw new Error("Nothing streams before somebody is signed in");
}
