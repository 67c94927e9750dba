import { placeOf, targetOf } from "./place.ts";
import type { Place } from "./place.ts";

const BASE_FEATURES = {
  server: new Set(["kv", "net", "rpc", "streams", "auth", "rooms"]),
  client: new Set(["net", "ui"]),
};
/** Features that are built on another one: a timeline also shows the messages that wait in the outbox. */
const BUILT_ON = new Map([["client/timeline", "outbox"]]);
/** Commands that tasks run: they may import everything, and nothing imports them. */
const TASK_FOLDER = "server/cli/";
/** Files that compose everything; nothing that they compose may import them. */
const COMPOSITION = new Set([
  "server/main.ts",
  "server/server.ts",
  "server/app.ts",
  "server/router.ts",
  "client/main.tsx",
  "client/service_worker.ts",
]);
const KEY_FILE = "server/kv/keys.ts";
const DATABASE_FILES = new Set(["server/kv/database.ts", KEY_FILE]);
/** Streams are below every feature, and know nothing of what they carry. */
const STREAMS_KNOW = new Set(["kv", "net", "streams"]);
const TEST_PACKAGES = new Set(["vitest", "fast-check"]);
/** Without I/O, Deno and DOM, as everything in shared/ must be. */
const PURE_PACKAGES = new Set([
  "valibot",
  "micromark",
  "micromark-extension-gfm-autolink-literal",
  "micromark-extension-gfm-strikethrough",
]);

/** Returns what is wrong with an import, or null. */
export function importProblem(from: Place, specifier: string, isTypeOnly: boolean): string | null {
  if (from.side === null) return null;
  const to = targetOf(from, specifier);
  if (from.side === "tests") return testProblem(from, to);
  if (to === null) return packageProblem(from, specifier);
  if (to.side === "tests") return "Nothing outside tests/ imports from tests/";
  return sideProblem(from, to, isTypeOnly) ?? layerProblem(from, to) ?? featureProblem(from, to, isTypeOnly);
}

/** The tests of shared/ also run elsewhere, under vitest itself, with no other folder beside them. */
function testProblem(from: Place, to: Place | null): string | null {
  if (from.feature !== "shared" || to === null) return null;
  const isThere = to.side === "shared" || to.path.startsWith("tests/shared/");
  return isThere ? null : "tests/shared/ imports from shared/ and itself only";
}

function packageProblem(from: Place, specifier: string): string | null {
  if (TEST_PACKAGES.has(specifier)) return `Only tests import "${specifier}"`;
  if (from.side === "shared" && !PURE_PACKAGES.has(specifier)) {
    return `shared/ is pure: it does not import "${specifier}"`;
  }
  if (from.side !== "client") return null;
  if (specifier.startsWith("node:")) return "client/ runs in browsers: it imports nothing from Node";
  if (specifier.startsWith("@trpc/") && from.feature !== "net") return "Only client/net/ touches tRPC";
  return null;
}

function sideProblem(from: Place, to: Place, isTypeOnly: boolean): string | null {
  if (to.side === from.side || to.side === "shared") return null;
  const isRouterType = isTypeOnly && to.path === "server/router.ts";
  if (from.side === "client" && isRouterType) return null;
  return `${from.side}/ does not import from ${to.side ?? "outside the source folders"}`;
}

function layerProblem(from: Place, to: Place): string | null {
  const isStore = from.name.endsWith("_store.ts");
  if (DATABASE_FILES.has(to.path)) {
    const mayUse = isStore || from.feature === null || from.feature === "kv" || from.feature === "streams";
    // A stream kind names the keys of its rows; the log reads and writes them.
    const namesKeys = from.name.endsWith("_stream.ts") && to.path === KEY_FILE;
    return mayUse || namesKeys ? null : "Only stores, streams/ and kv/ use the database";
  }
  if (isStore && to.name.endsWith("_router.ts")) return "A store does not import a router";
  if (from.name.endsWith("_model.ts") && to.name.endsWith(".tsx")) return "A model does not import a view";
  return null;
}

function featureProblem(from: Place, to: Place, isTypeOnly: boolean): string | null {
  if (to.side !== from.side || to.feature === from.feature) return null;
  if (to.path.startsWith(TASK_FOLDER)) return `Nothing imports ${TASK_FOLDER}, which holds commands`;
  if (from.feature === null) return null;
  if (to.feature === null) {
    const isComposition = COMPOSITION.has(to.path) || to.path.startsWith("client/app/");
    return isComposition && !isTypeOnly ? `Features do not import ${to.path}, which imports them` : null;
  }
  const isStreams = from.side === "server" && from.feature === "streams";
  if (isStreams && !STREAMS_KNOW.has(to.feature)) {
    return `server/streams/ does not import from ${to.feature}/: a kind of stream lives with its feature`;
  }
  const base = from.side === "server" || from.side === "client" ? BASE_FEATURES[from.side] : null;
  if (base === null || base.has(to.feature) || from.path.startsWith(TASK_FOLDER)) return null;
  if (BUILT_ON.get(`${from.side}/${from.feature}`) === to.feature) return null;
  return `${from.side}/${from.feature}/ does not import from ${to.feature}/: features meet in the root files`;
}

/** Enforces the direction of imports: sides, features, layers. */
export const importDirection: Deno.lint.Rule = {
  create(ctx) {
    const from = placeOf(ctx.filename);
    const check = (node: Deno.lint.Node, specifier: unknown, isTypeOnly: boolean) => {
      if (typeof specifier !== "string") return;
      const message = importProblem(from, specifier, isTypeOnly);
      if (message !== null) ctx.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source.value, node.importKind === "type"),
      ExportAllDeclaration: (node) => check(node, node.source.value, node.exportKind === "type"),
      ExportNamedDeclaration: (node) => check(node, node.source?.value, node.exportKind === "type"),
      ImportExpression(node) {
        if (node.source.type === "Literal") check(node, node.source.value, false);
        else if (from.side !== "tests") ctx.report({ node, message: "A dynamic import names its module" });
      },
      TSImportType(node) {
        if (node.argument.type === "TSLiteralType" && node.argument.literal.type === "Literal") {
          check(node, node.argument.literal.value, true);
        }
      },
    };
  },
};
