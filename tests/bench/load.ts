/**
 * What a browser fetches before the first rooms are drawn: the page, its style sheet, its script and whatever that
 * imports at once, as brotli sends them. What comes later by need is listed, not counted.
 */
import { bundleClient } from "../../server/build/client_bundle.ts";
import type { BuiltFile } from "../../server/build/built_file.ts";
import { printTable, printVerdicts } from "./stats.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const BUDGET_KB = 85;
const PAGE = "/rooms.html";

/** Runs the benchmark; false when the budget is missed. */
export async function load(): Promise<boolean> {
  const files = new Map((await bundleClient({ root: ROOT, isDev: false })).map((file) => [file.path, file]));
  const first = new Set([PAGE]);
  // A set hands out what is added while it is walked.
  for (const path of first) for (const next of neededBy(path, files)) first.add(next);
  const scripts = [...files.keys()].filter((path) => path.endsWith(".js"));
  const rowsOf = (paths: Iterable<string>) =>
    [...paths].map((path) => [path.replace("/static/", ""), kilobytes(sentBytes(files, path))]);
  printTable("At first, kB of brotli", rowsOf(first));
  printTable("Later, by need", rowsOf(scripts.filter((path) => !first.has(path))));
  const total = [...first].reduce((sum, path) => sum + sentBytes(files, path), 0);
  return printVerdicts([
    { what: "first load", measured: total / 1_000, budget: BUDGET_KB, rule: "at most", unit: " kB" },
  ]);
}

/** Finds what a file makes the browser fetch at once; `import()` is not among it. */
function neededBy(path: string, files: ReadonlyMap<string, BuiltFile>): string[] {
  const text = new TextDecoder().decode(files.get(path)?.contents);
  const pattern = path === PAGE
    ? /(?:src|href)="([^"]+\.(?:js|css))"/g
    : /(?:from|import)\s*"\.\/([^"]+\.js)"/g;
  const found = [...text.matchAll(pattern)].map(([, name = ""]) => path === PAGE ? name : `/static/${name}`);
  return found.filter((one) => files.has(one));
}

/** What goes over the wire; files too small to be worth it are sent as they are. */
function sentBytes(files: ReadonlyMap<string, BuiltFile>, path: string): number {
  const file = files.get(path);
  return (file?.encoded.br ?? file?.contents)?.length ?? 0;
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(1);
}
