import { isFinal } from "../../../shared/call/file_transfer.ts";
import type { OutgoingFile } from "../../../shared/call/file_transfer.ts";

/** So much is hashed while the other person decides; the rest when it is accepted, since it may never be. */
export const HASH_AHEAD_BYTES = 256 * 1024 * 1024;

/** When the files to be sent are hashed. */
export class SourceHashes {
  readonly #hash: (fileId: string, file: Blob) => void;
  /** Sizes of those that are hashed and not accepted. */
  readonly #ahead = new Map<string, number>();
  readonly #waiting = new Map<string, Blob>();

  constructor(hash: (fileId: string, file: Blob) => void) {
    this.#hash = hash;
  }

  offered(fileId: string, file: Blob): void {
    const aheadBytes = [...this.#ahead.values()].reduce((sum, size) => sum + size, 0);
    if (aheadBytes + file.size > HASH_AHEAD_BYTES) return void this.#waiting.set(fileId, file);
    this.#ahead.set(fileId, file.size);
    this.#hash(fileId, file);
  }

  /** Files are accepted, or over. */
  follow(outgoing: readonly OutgoingFile[]): void {
    if (this.#ahead.size + this.#waiting.size === 0) return;
    for (const file of outgoing.filter(({ phase }) => phase !== "offered")) {
      const { fileId } = file;
      this.#ahead.delete(fileId);
      const source = this.#waiting.get(fileId);
      this.#waiting.delete(fileId);
      if (source !== undefined && !isFinal(file)) this.#hash(fileId, source);
    }
  }
}
