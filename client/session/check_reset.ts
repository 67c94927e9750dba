import { readFailure } from "../ui/failure.ts";
import type { SessionApi } from "./session_model.ts";

/** Throws what is wrong with a reset link. An empty password is refused after the link is looked up: nothing changes. */
export async function checkReset({ auth }: Pick<SessionApi, "auth">, token: string): Promise<void> {
  try {
    await auth.resetPassword.mutate({ token, password: "" });
  } catch (error) {
    if (readFailure(error).code !== "invalid_input") throw error;
  }
}
