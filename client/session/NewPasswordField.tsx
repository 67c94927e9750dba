import type { JSX } from "preact";
import { passwordMinCharacters } from "../../shared/password_length.ts";
import type { Role } from "../../shared/user.ts";
import { PasswordField } from "../ui/PasswordField.tsx";
import { findPasswordProblem } from "./password.ts";

/** Props of `NewPasswordField`. */
export interface NewPasswordFieldProps {
  readonly value: string;
  readonly onText: (text: string) => void;
  /** The role determines the minimum length. */
  readonly role: Role;
  readonly error: string | null;
  readonly label?: string;
  readonly autofocus?: boolean;
}

/** A new password: shows the rule, and what is missing while typing. */
export function NewPasswordField(
  { value, onText, role, error, label = "Password", autofocus = false }: NewPasswordFieldProps,
): JSX.Element {
  const problem = findPasswordProblem(value, role);
  const rule = `At least ${passwordMinCharacters(role)} characters. A sentence works well.`;
  const hint = value === "" ? rule : problem === null ? "Long enough." : `${problem}.`;
  return (
    <PasswordField
      label={label}
      name="new-password"
      autocomplete="new-password"
      value={value}
      onText={onText}
      hint={hint}
      error={error}
      autofocus={autofocus}
    />
  );
}
