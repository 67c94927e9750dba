import type { InputIssue } from "../../shared/errors.ts";

/** One entry of the Standard Schema `issues` list that valibot and others give. */
interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
}

/** Reads the wrong fields out of a validation error; null when `cause` is none. */
export function describeInputIssues(cause: unknown): InputIssue[] | null {
  if (!(cause instanceof Error) || !("issues" in cause) || !Array.isArray(cause.issues)) return null;
  return (cause.issues as SchemaIssue[]).map((issue) => {
    const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(
      ".",
    );
    return { path, message: readable(issue.message) };
  });
}

/** Valibot says what it did not expect; people want to hear what to do. */
function readable(message: string): string {
  if (message.startsWith("Invalid key: Expected never")) return "Unknown key, remove it";
  if (message.startsWith("Invalid key: Expected ")) return "Is required";
  if (message.startsWith("Invalid type: Expected Object")) return "Must be an object";
  return message;
}
