import { readFailure } from "../ui/failure.ts";
import type { SessionModel } from "./session_model.ts";

/** `SessionModel` fits. */
type Session = Pick<SessionModel, "api" | "enter">;

/** Signs in with name and password. Loaded with the pages of signed-out users, as all ways in. */
export async function signIn(session: Session, name: string, password: string): Promise<void> {
  session.enter(await session.api.auth.signIn.mutate({ name, password }));
}

/** Creates the first owner. */
export async function setup(
  session: Session,
  input: { token: string; name: string; password: string; workspaceName: string },
): Promise<void> {
  const { workspaceName, ...account } = input;
  const name = workspaceName.trim();
  const named = name === "" ? account : { ...account, workspaceName: name };
  session.enter(await session.api.auth.setup.mutate(named), true);
}

/** Creates an account with an invite. */
export async function register(
  session: Session,
  input: { invite: string; name: string; password: string },
): Promise<void> {
  session.enter(await session.api.auth.register.mutate(input));
}

/** Joins as a guest with an invite. */
export async function joinAsGuest(session: Session, input: { invite: string; name: string }): Promise<void> {
  session.enter(await session.api.auth.joinAsGuest.mutate(input));
}

/** Sets a new password with a reset link, and signs in. */
export async function resetPassword(session: Session, token: string, password: string): Promise<void> {
  session.enter(await session.api.auth.resetPassword.mutate({ token, password }));
}

/** Throws what is wrong with a reset link. An empty password is refused after the link is looked up: nothing changes. */
export async function checkReset({ api }: Pick<Session, "api">, token: string): Promise<void> {
  try {
    await api.auth.resetPassword.mutate({ token, password: "" });
  } catch (error) {
    if (readFailure(error).code !== "invalid_input") throw error;
  }
}
