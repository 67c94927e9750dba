import { placeOf } from "./place.ts";
import type { Place } from "./place.ts";

function isDocumentedPlace({ path, side, feature, name }: Place): boolean {
  // In the table of limits, names say what each one limits, and in which unit.
  if (side === "shared") return path !== "shared/limits.ts";
  if (side === "server") return feature === "streams" || name.endsWith("_store.ts");
  return side === "client" && (name.endsWith("_model.ts") || /^[A-Z].*\.tsx$/.test(name));
}

/** Whether callers see a method that is not documented by an interface. */
function needsSentence(member: Deno.lint.MethodDefinition): boolean {
  if (member.kind !== "method" || member.computed) return false;
  return member.key.type !== "PrivateIdentifier" && member.accessibility !== "private";
}

function hasSentence(source: Deno.lint.SourceCode, node: Deno.lint.Node): boolean {
  let [start] = node.range;
  // The list has all comments from the start of the file; only the ones directly above count.
  for (const comment of source.getCommentsBefore(node).toReversed()) {
    const [from, to] = comment.range;
    if (source.text.slice(to, start).trim() !== "") return false;
    if (comment.type === "Block" && comment.value.startsWith("*")) return true;
    start = from;
  }
  return false;
}

/** Options explain themselves: a sentence would repeat the name. */
function isOptions(node: Deno.lint.Node): boolean {
  return node.type === "TSInterfaceDeclaration" && node.id.name.endsWith("Options");
}

/** Requires a sentence on what others use: exports of shared/, streams, stores, models and components. */
export const documentedExports: Deno.lint.Rule = {
  create(ctx) {
    if (!isDocumentedPlace(placeOf(ctx.filename))) return {};
    const check = (node: Deno.lint.Node, what: string) => {
      if (hasSentence(ctx.sourceCode, node)) return;
      ctx.report({ node, message: `${what} needs a /** sentence */ that says what it is` });
    };
    return {
      ExportNamedDeclaration(node) {
        const { declaration } = node;
        if (declaration === null || isOptions(declaration)) return;
        check(node, "This export");
        if (declaration.type !== "ClassDeclaration" || declaration.implements.length > 0) return;
        for (const member of declaration.body.body) {
          if (member.type === "MethodDefinition" && needsSentence(member)) check(member, "This method");
        }
      },
    };
  },
};
