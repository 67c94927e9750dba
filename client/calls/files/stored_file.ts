import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { CHUNK_BYTES } from "../../../shared/call/file_message.ts";
import { HASH_STEP_BYTES } from "./source_hash.ts";

/**
 * A file is written and flushed after this many bytes, or `FLUSH_MS` after a chunk: each write costs a message to the
 * process of the browser in private windows.
 */
const FLUSH_BYTES = 512 * 1024;
const FLUSH_MS = 20;
/** With few cores, the hash would slow down a file that comes faster than this: it is computed in the end. */
const FAST_BYTES_PER_MS = 10_000;
const CORES_MIN_COUNT = 4;

/** A `FileSystemSyncAccessHandle`, which the types of pages do not have. */
export interface SyncFile {
  read(into: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  write(bytes: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  truncate(size: number): void;
  flush(): void;
  getSize(): number;
  close(): void;
}

/** What a stored file tells. */
export interface StoredFileEvents {
  /** Everything before `offset` is flushed. */
  readonly onStored: (offset: number) => void;
  readonly onFailed: (error: unknown) => void;
}

/** A received file on the disk of the browser, written in order. Runs in the worker. */
export class StoredFile {
  readonly #handle: SyncFile;
  readonly #size: number;
  readonly #events: StoredFileEvents;
  readonly #hash = sha256.create();
  /** What comes after `#flushed` and is not written yet. */
  #pending: Uint8Array<ArrayBuffer> | null = null;
  /** Everything before it is flushed or pending. */
  #taken: number;
  #flushed: number;
  #hashed = 0;
  #flushedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hashing: Promise<void> | null = null;
  #isClosed = false;

  constructor(handle: SyncFile, size: number, events: StoredFileEvents) {
    this.#handle = handle;
    this.#size = size;
    this.#events = events;
    this.#taken = this.#flushed = Math.min(handle.getSize(), size);
  }

  /** Everything before it is stored. */
  get stored(): number {
    return this.#flushed;
  }

  /** Takes a chunk, to be written soon; what is stored already stays as it is. Throws when there is no space. */
  write(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    const end = offset + bytes.length;
    // Whoever sends it again may not have heard.
    if (end <= this.#flushed) return this.#events.onStored(end);
    const skipped = Math.max(0, this.#flushed - offset);
    const fresh = bytes.subarray(skipped);
    const at = offset + skipped;
    if (at > this.#taken) throw new Error("A chunk is missing");
    this.#pending ??= new Uint8Array(FLUSH_BYTES + CHUNK_BYTES);
    this.#pending.set(fresh, at - this.#flushed);
    this.#taken = at + fresh.length;
    if (this.#taken - this.#flushed >= FLUSH_BYTES || this.#taken >= this.#size) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flushLater(), FLUSH_MS);
  }

  /** Returns the SHA-256 of what is stored, read from the disk. */
  async digest(): Promise<string> {
    this.#flush();
    while (this.#hashed < this.#flushed && !this.#isClosed) await this.#catchUp();
    return bytesToHex(this.#hash.clone().digest());
  }

  /** Lets other tabs have the file. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#handle.close();
  }

  #flushLater(): void {
    try {
      this.#flush();
    } catch (error) {
      this.#events.onFailed(error);
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = this.#pending?.subarray(0, this.#taken - this.#flushed) ?? new Uint8Array();
    if (bytes.length === 0 && this.#flushed > 0) return;
    const count = this.#handle.write(bytes, { at: this.#flushed });
    // Chromium 156 answers a full disk in private windows with a huge number.
    if (count !== bytes.length) throw new DOMException("The disk is full", "QuotaExceededError");
    this.#handle.flush();
    const now = performance.now();
    const bytesPerMs = bytes.length / (now - this.#flushedAt);
    this.#flushed = this.#taken;
    this.#flushedAt = now;
    if (this.#flushed >= this.#size) this.#pending = null;
    this.#events.onStored(this.#flushed);
    // The hash follows what is stored, so that little is left to do in the end.
    if (bytesPerMs < FAST_BYTES_PER_MS || navigator.hardwareConcurrency >= CORES_MIN_COUNT) {
      this.#catchUp().catch(this.#events.onFailed);
    }
  }

  #catchUp(): Promise<void> {
    return this.#hashing ??= this.#hashStored().finally(() => this.#hashing = null);
  }

  async #hashStored(): Promise<void> {
    const buffer = new Uint8Array(HASH_STEP_BYTES);
    while (this.#hashed < this.#flushed && !this.#isClosed) {
      const part = buffer.subarray(0, Math.min(buffer.length, this.#flushed - this.#hashed));
      const count = this.#handle.read(part, { at: this.#hashed });
      if (count === 0 || count > part.length) throw new Error("The stored file is shorter than it was");
      this.#hash.update(part.subarray(0, count));
      this.#hashed += count;
      // Chunks that wait are stored first.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
}
