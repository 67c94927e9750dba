import { readFailure } from "../ui/failure.ts";
import { FORM_TEXTS } from "../ui/submit_model.ts";

/** Describes what a call threw, with what is wrong with each field, where no field shows it. */
export function failureText(error: unknown): string {
  const { text, issues } = readFailure(error, FORM_TEXTS);
  return text + issues.map(({ message }) => ` ${message}.`).join("");
}
