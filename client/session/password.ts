import { PASSWORD_MIN_CHARACTERS, PASSWORD_MIN_CHARACTERS_ADMIN } from "../../shared/limits.ts";
import { countCodePoints } from "../../shared/message.ts";
import type { Role } from "../../shared/user.ts";

/** Gives how long a password must be at least for a role. */
export function passwordMinimum(role: Role): number {
  return role === "owner" || role === "admin" ? PASSWORD_MIN_CHARACTERS_ADMIN : PASSWORD_MIN_CHARACTERS;
}

/** Says what makes a password too weak to be sent, or null. The server has the last word. */
export function findPasswordProblem(password: string, role: Role): string | null {
  const minimum = passwordMinimum(role);
  const length = countCodePoints(password);
  if (length >= minimum) return null;
  if (length === 0) return `Choose a password of at least ${minimum} characters`;
  return `At least ${minimum} characters: ${minimum - length} more needed`;
}
