import type { JSX } from "preact";
import type { Role } from "../../shared/user.ts";
import { PasswordField } from "../ui/PasswordField.tsx";
import { findPasswordProblem, passwordMinimum } from "./password.ts";

/** What choosing a password takes. */
export interface NewPasswordFieldProps {
  readonly value: string;
  readonly onText: (text: string) => void;
  /** The role decides how long it must be. */
  readonly role: Role;
  readonly error: string | null;
  readonly label?: string;
  readonly autofocus?: boolean;
}

/** A password to be chosen: says the rule before, and what is missing while it is typed. */
export function NewPasswordField(
  { value, onText, role, error, label = "Password", autofocus = false }: NewPasswordFieldProps,
): JSX.Element {
  const problem = findPasswordProblem(value, role);
  const rule = `At least ${passwordMinimum(role)} characters. A sentence works well.`;
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
