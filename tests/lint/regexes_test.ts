// The part for browsers is plain JavaScript; the other one starts a thread and leaves it running.
// @ts-types="npm:recheck@4.5.0"
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import recheck from "npm:recheck@4.5.0/lib/browser.js";
import { describe, expect, it } from "vitest";
import { readFiles } from "./project_files.ts";
import type { SourceFile } from "./project_files.ts";

const ROOT = `${import.meta.dirname}/../..`;

const FUZZ_MAX_MS = 60_000;
const ATTACK_MAX_MS = 100;
const FUZZ_TRY_COUNT = 4;

/** A regular expression literal and its file. */
interface Found {
  readonly path: string;
  readonly pattern: string;
  readonly flags: string;
}

/** Lists the regular expression literals of a file. */
function regexesIn({ path, text }: SourceFile): Found[] {
  const found: Found[] = [];
  const plugin: Deno.lint.Plugin = {
    name: "find",
    rules: {
      regexes: {
        create: () => ({
          Literal(node) {
            if (!("regex" in node) || node.regex === undefined) return;
            found.push({ path, pattern: node.regex.pattern, flags: node.regex.flags });
          },
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, text);
  return found;
}

/** Checks with automata, which are not affected by machine load, and by trying texts where automata cannot be used. */
function check(pattern: string, flags: string): ReturnType<typeof recheck.checkSync> {
  const proven = recheck.checkSync(pattern, flags, {
    checker: "automaton",
    timeout: null,
    recallTimeout: -1,
    randomSeed: 1,
  });
  if (proven.status !== "unknown" || proven.error.kind !== "unsupported") return proven;
  // On a busy machine trying a text may be slow, so only what is slow each time counts.
  for (let tryCount = 1;; tryCount++) {
    const tried = recheck.checkSync(pattern, flags, {
      checker: "fuzz",
      timeout: FUZZ_MAX_MS,
      attackTimeout: ATTACK_MAX_MS,
      randomSeed: tryCount,
    });
    if (tried.status === "safe" || tryCount === FUZZ_TRY_COUNT) return tried;
  }
}

/** Lists those for which some text is slow, with that text. */
function slowOnes(regexes: readonly Found[]): string[] {
  return regexes.flatMap(({ path, pattern, flags }) => {
    // The checker does not support sets of strings; without repetition there is nothing to check.
    if (flags.includes("v") && !/[*+{]/.test(pattern.replaceAll(/\\p\{\w+\}/g, ""))) return [];
    const result = check(pattern, flags);
    if (result.status === "safe") return [];
    const why = result.status === "vulnerable"
      ? `${result.complexity.summary}, as on ${result.attack.pattern}`
      : JSON.stringify(result.error);
    return [`${path}: /${pattern}/${flags}: ${why}`];
  });
}

describe("regular expressions", () => {
  it("take time by the length of the text and not by its square", async () => {
    const sides = await Promise.all(
      ["shared", "server", "client"].map((side) => readFiles(ROOT, side, /\.tsx?$/)),
    );
    const regexes = sides.flat().flatMap(regexesIn);
    expect(regexes.length).toBeGreaterThan(50);
    expect(slowOnes(regexes)).toEqual([]);
  }, 600_000);

  it("are reported otherwise", () => {
    const file = { path: "client/a.ts", text: "const a = /^(a+)+$/; const b = /a+/;\n" };
    expect(slowOnes(regexesIn(file))).toEqual([
      expect.stringContaining("client/a.ts: /^(a+)+$/: exponential, as on"),
    ]);
  });
});
