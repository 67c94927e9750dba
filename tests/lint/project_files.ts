import { placeOf, targetOf } from "./place.ts";

/** A source file with its path from the root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const MAX_CSS_LINES = 200;
/** Made from the sources by a start, or by a test that starts a server. */
const BUILT_FOLDER = "static/built";
const VALUE_IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^;"']*?\sfrom\s+)?["'](\.[^"']+)["']/gm;

/** Reads every file below a folder whose name ends so. */
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

/** Names the style sheets that are too long to be read in one go. */
export function longStyleSheets(files: readonly SourceFile[]): string[] {
  const lines = (text: string) => text.trimEnd().split("\n").length;
  return files.filter((at) => lines(at.text) > MAX_CSS_LINES).map((at) => at.path);
}

/** Names the pages with style or script in the markup, which the security policy refuses. */
export function pagesWithInlineCode(files: readonly SourceFile[]): string[] {
  const inline = /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/i;
  return files.filter((at) => inline.test(at.text)).map((at) => at.path);
}

/** Lists the circles that value imports make, each as the paths on the way round. */
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
