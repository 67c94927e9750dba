import { cleanFileName } from "./file_name.ts";

/** The largest file that can be handed over. */
export const FILE_MAX_BYTES = 2 * 1024 ** 3;
/** Browsers take messages of up to 256 KiB; with chunks of this size a channel is 92 % as fast as without files. */
export const CHUNK_BYTES = 64 * 1024;

/** What the two sides of a transfer tell each other beside the chunks. */
export type FileMessage =
  | { readonly type: "offer"; readonly fileId: string; readonly name: string; readonly size: number }
  /** Sends from `offset` on: the first time, and after an interruption. */
  | { readonly type: "accept"; readonly fileId: string; readonly offset: number }
  | { readonly type: "decline"; readonly fileId: string }
  /** Everything before `offset` is stored. */
  | { readonly type: "ack"; readonly fileId: string; readonly offset: number }
  /** All chunks are sent; `hash` is the SHA-256 of the whole file, in hexadecimal digits. */
  | { readonly type: "complete"; readonly fileId: string; readonly hash: string }
  | { readonly type: "checked"; readonly fileId: string; readonly isEqual: boolean }
  | { readonly type: "cancel"; readonly fileId: string };

const ID_PATTERN = /^[A-Za-z0-9_-]{16}$/;
const HASH_PATTERN = /^[0-9a-f]{64}$/;
const MESSAGE_MAX_CHARACTERS = 4_096;

/** Reads a message of a peer; null if it is not one. */
export function parseFileMessage(text: string): FileMessage | null {
  if (text.length > MESSAGE_MAX_CHARACTERS) return null;
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    // A peer may send anything.
    return null;
  }
  if (typeof fields !== "object" || fields === null) return null;
  const { type, fileId, name, size, offset, hash, isEqual } = fields as Readonly<Record<string, unknown>>;
  if (typeof fileId !== "string" || !ID_PATTERN.test(fileId)) return null;
  switch (type) {
    case "offer":
      if (typeof name !== "string" || !isLength(size)) return null;
      return { type, fileId, name: cleanFileName(name), size };
    case "accept":
    case "ack":
      return isLength(offset) ? { type, fileId, offset } : null;
    case "complete":
      return typeof hash === "string" && HASH_PATTERN.test(hash) ? { type, fileId, hash } : null;
    case "checked":
      return typeof isEqual === "boolean" ? { type, fileId, isEqual } : null;
    case "decline":
    case "cancel":
      return { type, fileId };
    default:
      return null;
  }
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= FILE_MAX_BYTES;
}

const HEADER_BYTES = 24;
const ID_CHARACTERS = 16;

/** A part of a file, as it travels: the id, the offset, the bytes. */
export interface FileChunk {
  readonly fileId: string;
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Writes a chunk as one message. */
export function encodeChunk({ fileId, offset, bytes }: FileChunk): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + bytes.length);
  for (let index = 0; index < ID_CHARACTERS; index += 1) frame[index] = fileId.charCodeAt(index);
  new DataView(frame.buffer).setFloat64(ID_CHARACTERS, offset);
  frame.set(bytes, HEADER_BYTES);
  return frame;
}

/** Reads a chunk of a peer; null if it is not one. */
export function parseChunk(frame: Uint8Array<ArrayBuffer>): FileChunk | null {
  if (frame.length <= HEADER_BYTES || frame.length > HEADER_BYTES + CHUNK_BYTES) return null;
  const fileId = String.fromCharCode(...frame.subarray(0, ID_CHARACTERS));
  const offset = new DataView(frame.buffer, frame.byteOffset).getFloat64(ID_CHARACTERS);
  if (!ID_PATTERN.test(fileId) || !isLength(offset)) return null;
  return { fileId, offset, bytes: frame.subarray(HEADER_BYTES) };
}
