import type { BuiltFile } from "./built_file.ts";

/** Pages for signed-in users and for everybody else; both run the same client and preload what they show first. */
export const PAGES = { rooms: "/rooms.html", signedOut: "/signed_out.html" } as const;

/** What the page's source calls the script and the style sheets. */
const SCRIPT_TAG = `<script type="module" src="/static/app.js"></script>`;
const STYLE_TAG = `<link rel="stylesheet" href="/static/app.css">`;
const LATE_STYLE = "/static/late.css";

/** What a page is written from; paths are addresses of built files. */
export interface PageParts {
  /** `static/index.html`. */
  readonly source: string;
  readonly stylePath: string;
  /** Named, but not fetched before the client wants it. */
  readonly lateStylePath: string;
  readonly scriptPath: string;
  /** Runs before the client is there. */
  readonly earlyPath: string | null;
  /** Fetched with the page, beside the script and what that imports. */
  readonly partPath: string | null;
  /** Only while developing. */
  readonly devPath: string | null;
}

/** Writes one page: what its first view needs is named in it, so that the browser fetches all of it at once. */
export function writePage(parts: PageParts, scripts: ReadonlyMap<string, BuiltFile>): string {
  const { source, stylePath, lateStylePath, scriptPath, earlyPath, partPath, devPath } = parts;
  const needed = new Set([scriptPath, ...partPath === null ? [] : [partPath]]);
  // A set hands out what is added while it is walked.
  for (const path of needed) for (const next of importsOf(path, scripts)) needed.add(next);
  const script = (path: string | null, how = "") =>
    path === null ? "" : `<script type="module"${how} src="${path}"></script>`;
  const preloads = [...needed].map((path) => `<link rel="modulepreload" href="${path}">`);
  return source
    .replace(STYLE_TAG, script(earlyPath, " async") + STYLE_TAG.replace("/static/app.css", stylePath))
    .replace(LATE_STYLE, lateStylePath)
    .replace(SCRIPT_TAG, [...preloads, script(scriptPath), script(devPath)].join(""));
}

/** Finds what a script makes the browser fetch at once; `import()` is not among it. */
function importsOf(path: string, scripts: ReadonlyMap<string, BuiltFile>): string[] {
  const text = new TextDecoder().decode(scripts.get(path)?.contents);
  const found = [...text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)];
  return found.map(([, name = ""]) => `/static/${name}`).filter((one) => scripts.has(one));
}
