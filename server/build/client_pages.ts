import { html } from "hono/html";
import { makeFile } from "./built_file.ts";
import type { BuiltFile } from "./built_file.ts";

/** Pages for signed-in users and for everybody else. Both run the same client but preload different files. */
export const PAGES = { rooms: "/rooms.html", signedOut: "/signed_out.html" } as const;
/** Their paths, at which they are not served themselves. */
export const PAGE_PATHS: ReadonlySet<string> = new Set(Object.values(PAGES));

/** The script and style sheet as written in the source of the page. */
const SCRIPT_TAG = `<script type="module" src="/static/app.js"></script>`;
const STYLE_TAG = `<link rel="stylesheet" href="/static/app.css">`;
const LATE_STYLE = "/static/late.css";
/** Where the page says which copy of the status page outlives this server. */
const MIRROR_TAG = `<meta name="status-mirror" content="">`;

/** The parts of a page; paths are URL paths of built files. */
export interface PageParts {
  /** `static/index.html`. */
  readonly source: string;
  readonly stylePath: string;
  /** Linked, but not fetched until the client needs it. */
  readonly lateStylePath: string;
  readonly scriptPath: string;
  /** Runs before the client has loaded. */
  readonly earlyPath: string | null;
  /** Preloaded, together with its imports. */
  readonly partPath: string | null;
  /** In development only. */
  readonly devPath: string | null;
}

/** Writes a page that preloads everything its first view needs, so that the browser fetches it all at once. */
export function writePage(parts: PageParts, scripts: ReadonlyMap<string, BuiltFile>): string {
  const { source, stylePath, lateStylePath, scriptPath, earlyPath, partPath, devPath } = parts;
  const needed = new Set([scriptPath, ...partPath === null ? [] : [partPath]]);
  // Iterating over a set includes elements added on the way.
  for (const path of needed) for (const next of importsOf(path, scripts)) needed.add(next);
  const script = (path: string | null, how = "") =>
    path === null ? "" : `<script type="module"${how} src="${path}"></script>`;
  const preloads = [...needed].map((path) => `<link rel="modulepreload" href="${path}">`);
  return source
    .replace(STYLE_TAG, script(earlyPath, " async") + STYLE_TAG.replace("/static/app.css", stylePath))
    .replace(LATE_STYLE, lateStylePath)
    .replace(SCRIPT_TAG, [...preloads, script(scriptPath), script(devPath)].join(""));
}

/** Names the copy of the status page in a built page; other files stay as they are. */
export function nameMirror(file: BuiltFile, mirrorUrl: string): BuiltFile {
  if (!PAGE_PATHS.has(file.path)) return file;
  const tag = String(html`<meta name="status-mirror" content="${mirrorUrl}">`);
  const page = new TextDecoder().decode(file.contents).replace(MIRROR_TAG, () => tag);
  const { isImmutable, encoded } = file;
  return makeFile(file.path, new TextEncoder().encode(page), {
    isImmutable,
    isCompressed: encoded.br !== undefined,
  });
}

/** Finds the static imports of a script, without `import()`. */
function importsOf(path: string, scripts: ReadonlyMap<string, BuiltFile>): string[] {
  const text = new TextDecoder().decode(scripts.get(path)?.contents);
  const found = [...text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)];
  return found.map(([, name = ""]) => `/static/${name}`).filter((one) => scripts.has(one));
}
