/// <reference path="./std.d.ts" />
import { ifNoneMatch } from "@std/http/etag.js";
import { appPageAt } from "../shared/app_pages.ts";
import type { BuiltFile } from "./build/built_file.ts";
import { nameMirror, PAGE_PATHS, PAGES } from "./build/client_pages.ts";
import { workerFiles } from "./build/worker_files.ts";
import { accepts } from "./net/accepts.ts";
import { hasSessionCookie } from "./net/credentials.ts";

const ONE_YEAR_S = 31_536_000;

/** Options of `StaticFiles`. */
export interface StaticFilesOptions {
  /** Where the status page is copied to; the pages of the app name it. */
  readonly mirrorUrl: string | null;
  /** Headers of every answer; pages that browsers keep have them too. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Serves built files from memory, by exact path, so that no other file can be reached. */
export class StaticFiles {
  readonly #options: StaticFilesOptions;
  #files = new Map<string, BuiltFile>();

  constructor(files: readonly BuiltFile[], options: StaticFilesOptions) {
    this.#options = options;
    this.replace(files);
  }

  /** Replaces the files. */
  replace(files: readonly BuiltFile[]): void {
    const { mirrorUrl, headers } = this.#options;
    const served = mirrorUrl === null ? files : files.map((file) => nameMirror(file, mirrorUrl));
    this.#files = new Map([...served, ...workerFiles(served, headers)].map((file) => [file.path, file]));
  }

  /** URL path of a script of its own, without its hash; null before it is built. */
  entry(name: string): string | null {
    for (const path of this.#files.keys()) if (path.startsWith(`/static/${name}-`)) return path;
    return null;
  }

  /** Answers a GET or HEAD request; null if there is no such file. */
  answer(request: Request): Response | null {
    // Our paths need no encoding, so encoded dots, slashes and letters never match: compare the path as sent.
    const { pathname } = new URL(request.url);
    if (PAGE_PATHS.has(pathname)) return null;
    const page = pageFor(pathname, request.headers.get("cookie"));
    const file = this.#files.get(page ?? pathname);
    if (file === undefined) return null;
    const accepted = request.headers.get("accept-encoding") ?? "";
    const encoding = (["br", "gzip"] as const).find((name) => {
      return file.encoded[name] !== undefined && accepts(accepted, name);
    });
    const body = encoding === undefined ? file.contents : file.encoded[encoding] ?? file.contents;
    const etag = `"${file.hash}${encoding === undefined ? "" : `-${encoding}`}"`;
    const headers: Record<string, string> = {
      "Content-Type": file.type,
      "ETag": etag,
      "Vary": page === null ? "Accept-Encoding" : "Accept-Encoding, Cookie",
      "Cache-Control": file.isImmutable ? `public, max-age=${ONE_YEAR_S}, immutable` : "no-cache",
      ...(encoding === undefined ? {} : { "Content-Encoding": encoding }),
    };
    if (!ifNoneMatch(request.headers.get("if-none-match"), etag)) {
      return new Response(null, { status: 304, headers });
    }
    headers["Content-Length"] = String(body.length);
    return new Response(request.method === "HEAD" ? null : body, { headers });
  }
}

/**
 * Returns the page for a URL of the app. The cookie is not checked: both pages run the same client, and only differ
 * in what they preload.
 */
function pageFor(pathname: string, cookie: string | null): string | null {
  const page = appPageAt(pathname);
  if (page === null) return null;
  return page === "any" && hasSessionCookie(cookie) ? PAGES.rooms : PAGES.signedOut;
}
