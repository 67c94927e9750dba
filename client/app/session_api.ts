import type { SessionTrpc } from "../net/session_trpc.ts";
import type { SessionApi } from "../session/session_model.ts";

/** What the session needs, out of all procedures. */
export function sessionApiOf(trpc: SessionTrpc): SessionApi {
  return {
    me: () => trpc.auth.me.query(),
    signIn: (input) => trpc.auth.signIn.mutate(input),
    signOut: () => trpc.auth.signOut.mutate(),
    setup: (input) => trpc.auth.setup.mutate(input),
    register: (input) => trpc.auth.register.mutate(input),
    joinAsGuest: (input) => trpc.auth.joinAsGuest.mutate(input),
    resetPassword: (input) => trpc.auth.resetPassword.mutate(input),
    preview: (input) => trpc.invites.preview.query(input),
  };
}
