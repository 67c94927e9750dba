import { countCodePoints } from "../../shared/message.ts";
import { passwordMinCharacters } from "../../shared/password_length.ts";
import type { Role } from "../../shared/user.ts";

/** Returns why a password is too weak, or null. The server decides. */
export function findPasswordProblem(password: string, role: Role): string | null {
  const minimum = passwordMinCharacters(role);
  const length = countCodePoints(password);
  if (length >= minimum) return null;
  if (length === 0) return `Choose a password of at least ${minimum} characters`;
  return `At least ${minimum} characters: ${minimum - length} more needed`;
}
