import { placeOf } from "./place.ts";

/** Everything that turns text into markup or script. */
const HTML_SINKS = new Set([
  "innerHTML",
  "outerHTML",
  "insertAdjacentHTML",
  "dangerouslySetInnerHTML",
  "setHTMLUnsafe",
  "parseHTMLUnsafe",
  "createContextualFragment",
  "srcdoc",
]);
const POLICY_FILE = "client/app/trusted_types.ts";

function nameOf(property: Deno.lint.Node, isComputed: boolean): string | null {
  if (property.type === "Literal") return String(property.value);
  if (isComputed) return null;
  return property.type === "Identifier" || property.type === "JSXIdentifier" ? property.name : null;
}

function isGlobal(node: Deno.lint.Node, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}

/** Forbids all ways to create markup from text, and a second Trusted Types policy. */
export const noHtmlSinks: Deno.lint.Rule = {
  create(ctx) {
    const { path } = placeOf(ctx.filename);
    const check = (node: Deno.lint.Node, name: string | null) => {
      if (name !== null && HTML_SINKS.has(name)) {
        ctx.report({ node, message: `${name} is not used: build nodes instead` });
      }
    };
    return {
      MemberExpression(node) {
        const name = nameOf(node.property, node.computed);
        check(node, name);
        if ((name === "write" || name === "writeln") && isGlobal(node.object, "document")) {
          ctx.report({ node, message: "document.write is not used: build nodes instead" });
        }
        if (name === "createPolicy" && path !== POLICY_FILE) {
          ctx.report({ node, message: `The only Trusted Types policy is made in ${POLICY_FILE}` });
        }
      },
      Property: (node) => check(node, nameOf(node.key, node.computed)),
      JSXAttribute: (node) => check(node, nameOf(node.name, false)),
    };
  },
};

/** Allows `console` only in the logger; benchmarks and scripts below tests/ may print. */
export const noConsole: Deno.lint.Rule = {
  create(ctx) {
    const { path, side, name } = placeOf(ctx.filename);
    const isScript = side === "tests" && !/_test\.tsx?$/.test(name);
    if (path === "server/log.ts" || isScript) return {};
    return {
      MemberExpression(node) {
        if (isGlobal(node.object, "console")) {
          ctx.report({ node, message: "Only server/log.ts writes to the console" });
        }
      },
    };
  },
};

/** Allows reading the environment in one file only. */
export const envInConfig: Deno.lint.Rule = {
  create(ctx) {
    const { path, side } = placeOf(ctx.filename);
    if (path === "server/config.ts" || side === "tests") return {};
    return {
      MemberExpression(node) {
        const isEnv = nameOf(node.property, node.computed) === "env";
        if (isEnv && (isGlobal(node.object, "Deno") || isGlobal(node.object, "process"))) {
          ctx.report({ node, message: "Only server/config.ts reads the environment" });
        }
      },
    };
  },
};

/** Forbids `Deno` in code that runs in browsers. */
export const noDeno: Deno.lint.Rule = {
  create(ctx) {
    const { side } = placeOf(ctx.filename);
    if (side !== "client" && side !== "shared") return {};
    return {
      Identifier(node) {
        if (node.name === "Deno") ctx.report({ node, message: `${side}/ runs in browsers: it has no Deno` });
      },
    };
  },
};

/** Allows sockets in one client folder only. */
export const socketsInNet: Deno.lint.Rule = {
  create(ctx) {
    const { side, feature } = placeOf(ctx.filename);
    if (side !== "client" || feature === "net") return {};
    return {
      NewExpression(node) {
        if (isGlobal(node.callee, "WebSocket") || isGlobal(node.callee, "EventSource")) {
          ctx.report({ node, message: "Only client/net/ opens sockets" });
        }
      },
    };
  },
};
