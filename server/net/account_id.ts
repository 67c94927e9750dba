import type { Login } from "./connection.ts";

/** Whom work and limits are counted for: the person, its bots included, or the address while nobody signed in. */
export function accountIdOf(login: Login | null, subject: string): string {
  return login?.accountId ?? `address ${subject}`;
}
