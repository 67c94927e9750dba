import { createHash } from "node:crypto";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** A file ready to be served. */
export interface BuiltFile {
  /** Path of its address, such as `/static/app-1a2b3c4d.js`. */
  readonly path: string;
  readonly type: string;
  readonly contents: Uint8Array<ArrayBuffer>;
  /** Hash of the contents. */
  readonly hash: string;
  /** True when the name changes with the contents. */
  readonly isImmutable: boolean;
  readonly encoded: { readonly br?: Uint8Array<ArrayBuffer>; readonly gzip?: Uint8Array<ArrayBuffer> };
}

/** Content types by file ending; what is not listed here is not served. */
export const CONTENT_TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  js: "text/javascript; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  webmanifest: "application/manifest+json",
  woff2: "font/woff2",
};

const COMPRESSED = new Set(["css", "html", "js", "svg", "txt", "webmanifest"]);
/** Below this a file hardly gets smaller. */
const COMPRESS_MIN_BYTES = 200;

/** Gives the ending of a path, `js` of `/static/app.js`. */
export function endingOf(path: string): string {
  return /\.([a-z0-9]+)$/.exec(path)?.[1] ?? "";
}

/** Short hash of contents, good for a file name. */
export function hashOf(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("base64url").slice(0, 16);
}

/** Makes a file ready; `isCompressed` is false while developing, where time matters more than size. */
export function makeFile(
  path: string,
  contents: Uint8Array<ArrayBuffer>,
  options: { readonly isImmutable: boolean; readonly isCompressed: boolean },
): BuiltFile {
  const ending = endingOf(path);
  const isCompressed = options.isCompressed && COMPRESSED.has(ending) &&
    contents.length >= COMPRESS_MIN_BYTES;
  return {
    path,
    type: CONTENT_TYPES[ending] ?? "application/octet-stream",
    contents,
    hash: hashOf(contents),
    isImmutable: options.isImmutable,
    encoded: isCompressed
      ? { br: brotli(contents), gzip: new Uint8Array(gzipSync(contents, { level: 9 })) }
      : {},
  };
}

function brotli(contents: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(brotliCompressSync(contents, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
    },
  }));
}
