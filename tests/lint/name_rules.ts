const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/;

/** Requires camelCase for names we declare, except for codes on the wire. */
export const camelCase: Deno.lint.Rule = {
  create(ctx) {
    const check = (node: Deno.lint.Node | null | undefined) => {
      if (node?.type === "Identifier" && SNAKE_CASE.test(node.name)) {
        ctx.report({ node, message: `"${node.name}" is not in camelCase` });
      }
    };
    const checkParameters = (parameters: readonly Deno.lint.Parameter[]) => {
      for (const at of parameters) {
        if (at.type === "Identifier") check(at);
        else if (at.type === "AssignmentPattern") check(at.left);
      }
    };
    return {
      VariableDeclarator: (node) => check(node.id),
      FunctionDeclaration(node) {
        check(node.id);
        checkParameters(node.params);
      },
      FunctionExpression: (node) => checkParameters(node.params),
      ArrowFunctionExpression: (node) => checkParameters(node.params),
      MethodDefinition: (node) => check(node.key),
      PropertyDefinition: (node) => check(node.key),
    };
  },
};
