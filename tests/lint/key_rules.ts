import { keys } from "../../server/kv/keys.ts";
import { placeOf } from "./place.ts";

const KEY_FILE = "server/kv/keys.ts";
const KEY_PROPERTIES = new Set(["key", "prefix", "start", "end", "dedupeKey"]);
const STORAGE_CALLS = new Set([
  "get",
  "getMany",
  "list",
  "set",
  "delete",
  "check",
  "watch",
  "sum",
  "max",
  "min",
]);
const STORAGE_NAMES = /^#?(kv|db|database|storage|atomic|transaction)$/i;

/** First parts of all keys, obtained from the key functions. */
const KINDS: ReadonlySet<unknown> = new Set(
  Object.values(keys).map((key) => {
    const anyKey: (...parts: never[]) => Deno.KvKey = key;
    return anyKey(...["a", "b", "c"] as unknown as never[])[0];
  }),
);

function isKvKeyType(type: Deno.lint.Node | null | undefined): boolean {
  const inner = type?.type === "TSTypeAnnotation" ? type.typeAnnotation : type;
  if (inner?.type !== "TSTypeReference") return false;
  const name = inner.typeName;
  if (name.type === "TSQualifiedName") return name.right.name === "KvKey";
  return name.type === "Identifier" && name.name === "KvKey";
}

function lastName(node: Deno.lint.Node): string | null {
  if (node.type === "Identifier" || node.type === "PrivateIdentifier") return node.name;
  return node.type === "MemberExpression" && !node.computed ? lastName(node.property) : null;
}

function isStorageCall(node: Deno.lint.Node): boolean {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return false;
  const method = lastName(node.callee.property);
  const receiver = lastName(node.callee.object);
  return method !== null && STORAGE_CALLS.has(method) && receiver !== null && STORAGE_NAMES.test(receiver);
}

function isFirstArgument(node: Deno.lint.Node, call: Deno.lint.Node): boolean {
  return call.type === "CallExpression" && call.arguments[0]?.range[0] === node.range[0];
}

/** Whether an array is in a position where only a key can be. */
function isInKeyPlace(node: Deno.lint.ArrayExpression): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "VariableDeclarator":
      return parent.id.type === "Identifier" && isKvKeyType(parent.id.typeAnnotation);
    case "ArrowFunctionExpression":
      return isKvKeyType(parent.returnType);
    case "TSAsExpression":
    case "TSSatisfiesExpression":
      return isKvKeyType(parent.typeAnnotation);
    case "Property":
      return KEY_PROPERTIES.has(lastName(parent.key) ?? "");
    default:
      return isStorageCall(parent) && isFirstArgument(node, parent);
  }
}

function extendsKey(first: Deno.lint.Node): boolean {
  if (first.type !== "SpreadElement" || first.argument.type !== "CallExpression") return false;
  const { callee } = first.argument;
  return callee.type === "MemberExpression" && lastName(callee.object) === "keys";
}

/** Requires all database keys in one file, where collisions are visible. */
export const keysInOneFile: Deno.lint.Rule = {
  create(ctx) {
    const { path, side } = placeOf(ctx.filename);
    if (path === KEY_FILE || side !== "server") return {};
    return {
      ArrayExpression(node) {
        const [first, second] = node.elements;
        if (first === undefined) return;
        const startsWithText = first.type === "Literal" && typeof first.value === "string";
        const isKindAndPart = startsWithText && KINDS.has(first.value) &&
          second !== undefined && second.type !== "Literal";
        if (isKindAndPart || extendsKey(first) || (startsWithText && isInKeyPlace(node))) {
          ctx.report({ node, message: `Keys of the database are made in ${KEY_FILE}` });
        }
      },
    };
  },
};

/** Allows opening the database in one folder only. */
export const openKvInKv: Deno.lint.Rule = {
  create(ctx) {
    const { side, feature } = placeOf(ctx.filename);
    if (side === "tests" || (side === "server" && feature === "kv")) return {};
    return {
      MemberExpression(node) {
        if (lastName(node) === "openKv") ctx.report({ node, message: "Only server/kv/ opens the database" });
      },
    };
  },
};
