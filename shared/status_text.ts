import { STATUS_TEXT_MAX_CHARACTERS } from "./limits.ts";
import { countCodePoints } from "./message.ts";

// A status text is one line: no C0, DEL, C1, or Unicode line separators.
// deno-lint-ignore no-control-regex
const CONTROL_PATTERN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Returns what is wrong with a status text, or null if it may be set. "" clears the text. */
export function findStatusTextProblem(text: string): string | null {
  if (!text.isWellFormed()) return "Text must be well-formed Unicode: it has half a surrogate pair";
  if (CONTROL_PATTERN.test(text)) return "Text must be a single line without control characters";
  const codePoints = countCodePoints(text);
  return codePoints > STATUS_TEXT_MAX_CHARACTERS
    ? `Text must be at most ${STATUS_TEXT_MAX_CHARACTERS} characters, got ${codePoints}`
    : null;
}
