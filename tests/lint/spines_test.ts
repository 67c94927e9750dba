import { describe, expect, it } from "vitest";
import { placeOf, targetOf } from "./place.ts";
import { readFiles } from "./project_files.ts";
import type { SourceFile } from "./project_files.ts";

const ROOT = `${import.meta.dirname}/../..`;
const CONTRIBUTING = "CONTRIBUTING.md";
/** The lists, and the most files that each may have. */
const SPINES = {
  "How a message travels": 13,
  "How typing travels": 8,
  "How a call travels": 11,
  "How signing in works": 12,
} as const;
/** Files that a step may pass over. */
const BETWEEN_MAX_COUNT = 2;
/** The client's calls get their types from this file, which lists all procedures. */
const ROUTER = "server/router.ts";
/** What procedures use as `ctx.services`, and the file from which they get it. */
const SERVICES = ["server/services.ts", "server/account_services.ts"];
const PROCEDURES = "server/rpc/trpc.ts";
const IMPORT = /\bfrom\s+["'](\.[^"']+)["']|\bimport\(\s*["'](\.[^"']+)["']/g;

/** Returns the first path of each item in the numbered list below a heading. */
export function spineIn(markdown: string, heading: string): string[] {
  const [, section = ""] = markdown.split(`\n## ${heading}\n`);
  const [list = ""] = section.split("\n## ");
  return [...list.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path = ""]) => path);
}

type Imports = ReadonlyMap<string, readonly string[]>;

/** Returns the imports of each file, including type imports. */
function importsOf(files: readonly SourceFile[]): Imports {
  return new Map(files.map(({ path, text }) => {
    const specifiers = [...text.matchAll(IMPORT)].map(([, from, dynamic]) => from ?? dynamic ?? "");
    return [path, specifiers.flatMap((specifier) => targetOf(placeOf(path), specifier)?.path ?? [])];
  }));
}

/** Returns whether imports lead from one file to another, with at most `maxCount` files in between. */
function leads(imports: Imports, from: string, to: string, maxCount: number): boolean {
  const seen = new Set([from]);
  let last = [from];
  for (let step = 0; step <= maxCount && last.length > 0; step++) {
    const next = new Set(last.flatMap((path) => imports.get(path) ?? []).filter((path) => !seen.has(path)));
    if (next.has(to)) return true;
    for (const path of next) seen.add(path);
    last = [...next];
  }
  return false;
}

function isJoined(imports: Imports, a: string, b: string, maxCount: number): boolean {
  if (placeOf(a).side !== placeOf(b).side) return isOverWire(imports, a, b);
  return leads(imports, a, b, maxCount) || leads(imports, b, a, maxCount) || isService(imports, a, b);
}

/** Returns whether a procedure can call a store through `ctx.services`. */
function isService(imports: Imports, procedure: string, store: string): boolean {
  return leads(imports, procedure, PROCEDURES, 0) &&
    SERVICES.some((services) => leads(imports, services, store, 0));
}

/** Returns whether the client calls procedures, and the server's file is below them or answers them. */
function isOverWire(imports: Imports, a: string, b: string): boolean {
  const [client, server] = placeOf(a).side === "client" ? [a, b] : [b, a];
  return leads(imports, client, ROUTER, BETWEEN_MAX_COUNT) &&
    (leads(imports, ROUTER, server, Infinity) || leads(imports, server, ROUTER, 0));
}

/** Lists the files of a spine that are gone, or not connected with those before. */
export function spineProblems(spine: readonly string[], files: readonly SourceFile[]): string[] {
  const imports = importsOf(files);
  const problems = spine.filter((path) => !imports.has(path)).map((path) => `${path} is gone`);
  for (const [index, path] of spine.entries()) {
    const earlier = spine.slice(0, index);
    const last = earlier.at(-1);
    if (last === undefined || !imports.has(path) || !imports.has(last)) continue;
    // One file may call several others.
    const isCalled = earlier.some((caller) => isJoined(imports, caller, path, 0));
    const isNear = isJoined(imports, last, path, BETWEEN_MAX_COUNT);
    if (!isCalled && !isNear) problems.push(`${last} does not lead to ${path}`);
  }
  return problems;
}

describe("spines", () => {
  it("in CONTRIBUTING are short, and their files exist and are connected", async () => {
    const files = [
      ...await readFiles(ROOT, "client", /\.tsx?$/),
      ...await readFiles(ROOT, "server", /\.ts$/),
      ...await readFiles(ROOT, "shared", /\.ts$/),
    ];
    const markdown = await Deno.readTextFile(`${ROOT}/${CONTRIBUTING}`);
    for (const [heading, maxCount] of Object.entries(SPINES)) {
      const spine = spineIn(markdown, heading);
      expect(spine.length, heading).toBeGreaterThan(maxCount / 2);
      expect(spine.length, heading).toBeLessThanOrEqual(maxCount);
      expect(new Set(spine).size, heading).toBe(spine.length);
      expect(spineProblems(spine, files), heading).toEqual([]);
    }
  });

  it("are read only from the numbered list below their heading", () => {
    const markdown =
      "# A\n\n## One\n\n1. `a.ts`: first, see `x.ts`\n2. `b.ts`\n- `c.ts`\n\n## Two\n\n1. `d.ts`\n";
    expect(spineIn(markdown, "One")).toEqual(["a.ts", "b.ts"]);
    expect(spineIn(markdown, "Two")).toEqual(["d.ts"]);
    expect(spineIn(markdown, "Three")).toEqual([]);
  });

  it("report files that are gone or not connected with those before", () => {
    const file = (path: string, ...specifiers: string[]): SourceFile => ({
      path,
      text: specifiers.map((specifier) => `import { x } from "${specifier}";\n`).join(""),
    });
    const files = [
      file("server/a.ts", "./b.ts"),
      file("server/b.ts"),
      file("server/c.ts", "./b.ts"),
      file("server/d.ts"),
      file("server/router.ts", "./a.ts"),
      file("client/net/trpc.ts", "../../server/router.ts"),
      file("client/e.ts", "./net/trpc.ts"),
      file("client/f.ts"),
    ];
    expect(spineProblems(["client/e.ts", "server/a.ts", "server/b.ts", "server/c.ts"], files)).toEqual([]);
    expect(spineProblems(["server/a.ts", "server/gone.ts"], files)).toEqual(["server/gone.ts is gone"]);
    expect(spineProblems(["server/c.ts", "server/d.ts"], files)).toEqual([
      "server/c.ts does not lead to server/d.ts",
    ]);
    expect(spineProblems(["client/f.ts", "server/a.ts"], files)).toEqual([
      "client/f.ts does not lead to server/a.ts",
    ]);
  });
});
