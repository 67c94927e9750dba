import { createHash } from "node:crypto";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** A file ready to be served. */
export interface BuiltFile {
  /** URL path, such as `/static/app-1a2b3c4d.js`. */
  readonly path: string;
  readonly type: string;
  readonly contents: Uint8Array<ArrayBuffer>;
  /** Hash of the contents. */
  readonly hash: string;
  /** Whether the name changes with the contents. */
  readonly isImmutable: boolean;
  readonly encoded: { readonly br?: Uint8Array<ArrayBuffer>; readonly gzip?: Uint8Array<ArrayBuffer> };
}

/** Content types by file extension; other files are not served. */
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
/** Smaller files hardly compress. */
const COMPRESS_MIN_BYTES = 200;

/** Returns the extension of a path, such as `js`. */
export function endingOf(path: string): string {
  return /\.([a-z0-9]+)$/.exec(path)?.[1] ?? "";
}

/** Returns a short hash of contents, for use in a file name. */
export function hashOf(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("base64url").slice(0, 16);
}

/** Prepares a file. `isCompressed` is false in development, where time matters more than size. */
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
      // Smaller blocks than the default suit what scripts look like.
      [constants.BROTLI_PARAM_LGBLOCK]: 16,
    },
  }));
}
