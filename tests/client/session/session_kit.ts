import type { SessionId, UserId } from "../../../shared/ids.ts";
import type { Me } from "../../../shared/user.ts";
import type { SessionApi } from "../../../client/session/session_model.ts";

export const ME: Me = {
  id: "userana000000001" as UserId,
  name: "Ana",
  role: "owner",
  sessionId: "session000000001" as SessionId,
  workspaceName: "Harbour",
  createdAt: "2026-11-02T09:00:00.000Z",
  passwordResets: [],
};

interface Answers {
  readonly me?: SessionApi["auth"]["me"]["query"];
  readonly signIn?: SessionApi["auth"]["signIn"]["mutate"];
  readonly signOut?: () => Promise<null>;
  readonly setup?: SessionApi["auth"]["setup"]["mutate"];
}

/** An API that lets everybody in, unless it is told otherwise. */
export function makeApi(answers: Answers = {}): SessionApi {
  const enter = () => Promise.resolve(ME);
  return {
    auth: {
      me: { query: answers.me ?? enter },
      signIn: { mutate: answers.signIn ?? enter },
      signOut: { mutate: answers.signOut ?? (() => Promise.resolve(null)) },
      setup: { mutate: answers.setup ?? enter },
      register: { mutate: enter },
      joinAsGuest: { mutate: enter },
      resetPassword: { mutate: enter },
    },
    invites: { preview: { query: () => Promise.resolve({ workspaceName: "Harbour", role: "member" }) } },
  };
}
