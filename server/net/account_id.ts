import type { Login } from "./connection.ts";

/**
 * The account that work and limits are counted for: the person including their bots, or the address before sign-in.
 */
export function accountIdOf(login: Login | null, subject: string): string {
  return login?.accountId ?? `address ${subject}`;
}
