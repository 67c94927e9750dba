import type { InputIssue } from "../../shared/errors.ts";

/** An entry of the `issues` list of Standard Schema, as valibot and others produce it. */
interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
}

/** Returns the wrong fields of a validation error; null if `cause` is something else. */
export function describeInputIssues(cause: unknown): InputIssue[] | null {
  if (!(cause instanceof Error) || !("issues" in cause) || !Array.isArray(cause.issues)) return null;
  return (cause.issues as SchemaIssue[]).map((issue) => {
    const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(
      ".",
    );
    return { path, message: readable(issue.message) };
  });
}

/** Valibot describes what it did not expect; people need to know what to change. */
function readable(message: string): string {
  if (message.startsWith("Invalid key: Expected never")) return "Unknown key, remove it";
  if (message.startsWith("Invalid key: Expected ")) return "Is required";
  if (message.startsWith("Invalid type: Expected Object")) return "Must be an object";
  return message;
}
