import { brotliCompressSync, constants } from "node:zlib";

/** A page is made again within seconds: what 11 would save is not worth its time. */
const BROTLI_QUALITY = 5;
/** Long histories have much that repeats: 1 takes a quarter of the time, and their size is the same. */
const LONG_BYTES = 100_000;
const BROTLI_QUALITY_LONG = 1;
/** As a power of two, as much as a long history; the usual window takes 10 MB each time. */
const BROTLI_WINDOW_BITS = 18;

/** A body that many readers get. */
export interface Answer {
  readonly body: Uint8Array<ArrayBuffer>;
  /** By Brotli, made when the first reader asks for it. */
  compressed: Uint8Array<ArrayBuffer> | null;
  readonly type: string;
  readonly etag: string;
  /** Whether something is missing because it could not be read: caches keep none of it. */
  readonly isPartial: boolean;
}

/** Gives the body by Brotli, compressed once for all readers. */
export function compressed(answer: Answer): Uint8Array<ArrayBuffer> {
  answer.compressed ??= new Uint8Array(brotliCompressSync(answer.body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: answer.body.length > LONG_BYTES
        ? BROTLI_QUALITY_LONG
        : BROTLI_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: answer.body.length,
    },
  }));
  return answer.compressed;
}
