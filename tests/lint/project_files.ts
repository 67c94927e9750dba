import { placeOf, targetOf } from "./place.ts";

/** A source file and its path from the root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const MAX_CSS_LINES = 200;
/** Written by the start task, or by a test that starts a server. */
const BUILT_FOLDER = "static/built";
const VALUE_IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^;"']*?\sfrom\s+)?["'](\.[^"']+)["']/gm;

/** Reads all files below a folder with a matching name. */
export async function readFiles(root: string, folder: string, ending: RegExp): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const entry of Deno.readDir(`${root}/${folder}`)) {
    const path = `${folder}/${entry.name}`;
    if (path === BUILT_FOLDER) continue;
    if (entry.isDirectory) files.push(...await readFiles(root, path, ending));
    else if (ending.test(entry.name)) files.push({ path, text: await Deno.readTextFile(`${root}/${path}`) });
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** Lists style sheets that are too long. */
export function longStyleSheets(files: readonly SourceFile[]): string[] {
  const lines = (text: string) => text.trimEnd().split("\n").length;
  return files.filter((at) => lines(at.text) > MAX_CSS_LINES).map((at) => at.path);
}

/** Lists pages with inline style or script, which the content policy blocks. */
export function pagesWithInlineCode(files: readonly SourceFile[]): string[] {
  const inline = /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/i;
  return files.filter((at) => inline.test(at.text)).map((at) => at.path);
}

/** Lists cycles of value imports, each as the paths along the cycle. */
export function importCycles(files: readonly SourceFile[]): string[][] {
  const known = new Map(files.map((at) => [at.path, at.text]));
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const seenAt = way.indexOf(path);
    if (seenAt >= 0) {
      cycles.push([...way.slice(seenAt), path]);
      return;
    }
    if (done.has(path)) return;
    for (const [, specifier = ""] of (known.get(path) ?? "").matchAll(VALUE_IMPORT)) {
      const target = targetOf(placeOf(path), specifier);
      if (target !== null && known.has(target.path)) visit(target.path, [...way, path]);
    }
    done.add(path);
  };
  for (const path of known.keys()) visit(path, []);
  return cycles;
}
