import { WORKER_PATH } from "../../shared/worker_build.ts";
import { CONTENT_TYPES, endingOf, hashOf, makeFile } from "./built_file.ts";
import type { BuiltFile } from "./built_file.ts";
import { PAGES, writePage } from "./client_pages.ts";

export interface BundleOptions {
  /** Folder that contains client/ and static/. */
  readonly root: string;
  /** Adds the script that reloads the page, and keeps the code readable. */
  readonly isDev: boolean;
}

/** A source file that cannot be bundled; the message is for its author. */
export class BundleError extends Error {
  constructor(messages: readonly string[]) {
    super(`Cannot bundle the client:\n${messages.join("\n")}`);
    this.name = "BundleError";
  }
}

const STYLE_FOLDER = "css";
const BUILT_FOLDER = "built";
const PAGE_SOURCE = "index.html";

/** Builds everything that browsers load: scripts, two style sheets, the pages, and the plain files of static/. */
export async function bundleClient(options: BundleOptions): Promise<BuiltFile[]> {
  const { root, isDev } = options;
  const isCompressed = !isDev;
  // Alone, because the first call may download the bundler, and two calls at once would interfere.
  const scripts = await bundle(`${root}/client/main.tsx`, isDev);
  const [earlyScripts, workerScripts, statusScripts, devScripts, styles, lateStyles, plain] = await Promise
    .all([
      // Built separately, or it would share chunks with the others and have to wait for them.
      bundle(`${root}/client/early.ts`, isDev),
      bundle(`${root}/client/${isDev ? "offline/dev_worker.ts" : "service_worker.ts"}`, isDev),
      // Nothing of the app is on the status page.
      bundle(`${root}/client/status/page/status_page.ts`, isDev),
      isDev ? bundle(`${root}/client/net/dev_reload.ts`, isDev) : [],
      bundle(`${root}/static/${STYLE_FOLDER}/app.css`, isDev),
      bundle(`${root}/static/${STYLE_FOLDER}/late.css`, isDev),
      listPlainFiles(`${root}/static`),
    ]);
  const files: BuiltFile[] = [];
  const add = (name: string, contents: Uint8Array<ArrayBuffer>, isImmutable: boolean) => {
    const path = `/static/${name}`;
    files.push(makeFile(path, contents, { isImmutable, isCompressed }));
    return path;
  };
  const addOutputs = (outputs: readonly Output[], entry: string, name: string) => {
    let entryPath = "";
    for (const { file, contents } of outputs) {
      // Chunks already have a hash in their names; the entry gets its own.
      if (file === entry) entryPath = add(`${name}-${hashOf(contents)}.${endingOf(file)}`, contents, true);
      else add(file, contents, true);
    }
    return entryPath;
  };
  const scriptPath = addOutputs(scripts, "main.js", "app");
  const earlyPath = addOutputs(earlyScripts, "early.js", "early");
  addOutputs(statusScripts, "status_page.js", "status_page");
  for (const { contents } of workerScripts) {
    files.push(makeFile(WORKER_PATH, contents, { isImmutable: false, isCompressed }));
  }
  const devPath = addOutputs(devScripts, "dev_reload.js", "dev");
  const stylePath = addOutputs(styles, "app.css", "app");
  const lateStylePath = addOutputs(lateStyles, "late.css", "late");
  for (const { name, path } of plain) add(name, await Deno.readFile(path), false);

  const source = await Deno.readTextFile(`${root}/static/${PAGE_SOURCE}`);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const partNamed = (name: string) =>
    [...byPath.keys()].find((path) => path.startsWith(`/static/${name}-`)) ?? null;
  const shared = { source, stylePath, lateStylePath, scriptPath, devPath: devPath === "" ? null : devPath };
  const pages = {
    [PAGES.rooms]: writePage({ ...shared, earlyPath, partPath: partNamed("chat_part") }, byPath),
    [PAGES.signedOut]: writePage(
      { ...shared, earlyPath: null, partPath: partNamed("SignedOutPages") },
      byPath,
    ),
  };
  for (const [path, page] of Object.entries(pages)) {
    files.push(makeFile(path, new TextEncoder().encode(page), { isImmutable: false, isCompressed }));
  }
  return files;
}

interface Output {
  readonly file: string;
  readonly contents: Uint8Array<ArrayBuffer>;
}

async function bundle(entry: string, isDev: boolean): Promise<Output[]> {
  const result = await Deno.bundle({
    entrypoints: [entry],
    // Nothing is written there; the bundler only needs it to compute relative paths.
    outputDir: "bundle",
    write: false,
    platform: "browser",
    format: "esm",
    codeSplitting: true,
    minify: !isDev,
    sourcemap: isDev ? "inline" : undefined,
  } as Deno.bundle.Options);
  if (!result.success) {
    throw new BundleError(result.errors.map(({ text, location }) => {
      return location ? `${location.file}:${location.line}: ${text}` : text;
    }));
  }
  return (result.outputFiles ?? []).map((output) => ({
    file: output.path.split(/[/\\]/).at(-1) ?? "",
    contents: new Uint8Array(output.contents ?? new TextEncoder().encode(output.text())),
  }));
}

/**
 * Lists files that are served unchanged: regular files with a known extension, not hidden, at most one folder deep.
 */
async function listPlainFiles(folder: string): Promise<{ name: string; path: string }[]> {
  const found: { name: string; path: string }[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && isServed(entry.name) && entry.name !== PAGE_SOURCE) {
      found.push({ name: entry.name, path: `${folder}/${entry.name}` });
    }
    if (!entry.isDirectory || entry.name === STYLE_FOLDER || entry.name === BUILT_FOLDER) continue;
    for await (const inner of Deno.readDir(`${folder}/${entry.name}`)) {
      if (!inner.isFile || !isServed(inner.name)) continue;
      found.push({ name: `${entry.name}/${inner.name}`, path: `${folder}/${entry.name}/${inner.name}` });
    }
  }
  return found;
}

function isServed(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name) && CONTENT_TYPES[endingOf(name)] !== undefined;
}
