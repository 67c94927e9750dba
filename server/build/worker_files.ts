import { WORKER_BUILD, WORKER_PATH } from "../../shared/worker_build.ts";
import type { WorkerBuild } from "../../shared/worker_build.ts";
import { hashOf, makeFile } from "./built_file.ts";
import type { BuiltFile } from "./built_file.ts";
import { PAGES } from "./client_pages.ts";

/** The status page works without the app, and without its worker. */
const NOT_KEPT = /^\/static\/status_page-/;

/**
 * Returns the files that depend on how the server is configured: the worker with the exact list of what it keeps, and
 * the page that it shows without network. `headers` are those of every answer: a kept page has them for ever.
 */
export function workerFiles(
  files: readonly BuiltFile[],
  headers: readonly (readonly [name: string, value: string])[],
): readonly BuiltFile[] {
  const code = files.find(({ path }) => path === WORKER_PATH);
  const rooms = files.find(({ path }) => path === PAGES.rooms);
  if (code === undefined || rooms === undefined) return [];
  const pageHash = hashOf(new TextEncoder().encode(rooms.hash + JSON.stringify(headers)));
  const page = { ...rooms, path: `/static/rooms-${pageHash}.html`, isImmutable: true };
  const kept = files.filter(({ path, isImmutable }) => isImmutable && !NOT_KEPT.test(path));
  const paths = [page.path, ...kept.map(({ path }) => path)].sort();
  const version = hashOf(new TextEncoder().encode(paths.join("\n")));
  const build: WorkerBuild = { version, page: page.path, files: paths };
  const text = `self.${WORKER_BUILD}=${JSON.stringify(build)};\n${new TextDecoder().decode(code.contents)}`;
  const worker = makeFile(WORKER_PATH, new TextEncoder().encode(text), {
    isImmutable: false,
    isCompressed: code.encoded.br !== undefined,
  });
  return [page, worker];
}
