import { placeOf } from "./place.ts";

const MAX_LINES = 300;
const MAX_TEST_LINES = 400;
const VAGUE_NAMES = /^(index|mod|utils?|helpers?|common|types)\.tsx?$/;
const MODULE_NAME = /^[a-z0-9]+(_[a-z0-9]+)*(\.d)?\.ts$/;
const COMPONENT_NAME = /^([A-Z][A-Za-z0-9]*|main|[a-z0-9_]+_test)\.tsx$/;

/** Limits the length of a file, so that it can be read in one go. */
export const maxLines: Deno.lint.Rule = {
  create(ctx) {
    return {
      Program(node) {
        const limit = placeOf(ctx.filename).side === "tests" ? MAX_TEST_LINES : MAX_LINES;
        const count = ctx.sourceCode.text.trimEnd().split("\n").length;
        if (count <= limit) return;
        const message = `The file has ${count} lines, ${limit} are allowed: split it by noun`;
        ctx.report({ node, message });
      },
    };
  },
};

/** Requires descriptive file names: snake_case.ts, PascalCase.tsx, and no `utils`. */
export const fileName: Deno.lint.Rule = {
  create(ctx) {
    return {
      Program(node) {
        const { name } = placeOf(ctx.filename);
        if (VAGUE_NAMES.test(name)) {
          ctx.report({ node, message: `"${name}" says nothing: name the file after its main export` });
        } else if (!MODULE_NAME.test(name) && !COMPONENT_NAME.test(name)) {
          ctx.report({ node, message: `"${name}" is neither snake_case.ts nor PascalCase.tsx` });
        }
      },
    };
  },
};
