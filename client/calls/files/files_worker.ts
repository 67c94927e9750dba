import { acquireFile, isHeld } from "./held_file.ts";
import { hashSource } from "./source_hash.ts";
import { StoredFile } from "./stored_file.ts";
import type { SyncFile } from "./stored_file.ts";
import { FOLDER_PREFIX } from "./worker_messages.ts";
import type { FileFailure, WorkerReport, WorkerRequest } from "./worker_messages.ts";

/** The address of this module, which is what the worker is started with. */
export const FILES_WORKER_URL = import.meta.url;

/** What the worker sees of its global scope. */
interface WorkerScope {
  /** The folder of the signed-in person. */
  readonly name: string;
  postMessage(report: WorkerReport): void;
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
}

/** What only workers can do with a file handle. */
interface SyncFileEntry {
  createSyncAccessHandle(): Promise<SyncFile>;
}

/** Stores received files and computes hashes, away from the page, which has to draw. */
class FilesWorker {
  readonly #scope: WorkerScope;
  readonly #stored = new Map<string, StoredFile>();
  /** Files to be sent; they are hashed while the other person decides, one after the other. */
  readonly #sources = new Map<string, Blob>();
  #hashing: Promise<void> = Promise.resolve();
  /** The work for each key is done in order. */
  readonly #turns = new Map<string, Promise<void>>();
  /** Files that are to be opened as soon as nobody else holds them. */
  readonly #wanted = new Map<string, AbortController>();

  constructor(scope: WorkerScope) {
    this.#scope = scope;
    scope.onmessage = ({ data }) => this.#take(data);
  }

  #take(request: WorkerRequest): void {
    const key = request.type === "keep" ? "" : request.key;
    const wanted = this.#want(request, key);
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(async () => {
      try {
        await this.#run(request, wanted);
      } catch (error) {
        this.#scope.postMessage({ type: "failed", key, failure: failureOf(error) });
      }
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    });
    this.#turns.set(key, turn);
  }

  /** What is asked for a file ends the wait for it. */
  #want({ type }: WorkerRequest, key: string): AbortSignal {
    const wanted = new AbortController();
    if (type === "open" || type === "close" || type === "discard") {
      this.#wanted.get(key)?.abort();
      this.#wanted.delete(key);
    }
    if (type === "open") this.#wanted.set(key, wanted);
    return wanted.signal;
  }

  async #run(request: WorkerRequest, wanted: AbortSignal): Promise<void> {
    if (request.type === "keep") return await this.#keep(request.paths);
    const { key } = request;
    switch (request.type) {
      case "open":
        return await this.#open(request, wanted);
      case "write":
        return this.#stored.get(key)?.write(request.offset, request.bytes);
      case "close":
        return this.#close(key);
      case "discard":
        this.#close(key);
        return await (await this.#folder()).removeEntry(key).catch(ignoreOthers);
      case "source":
        this.#sources.set(key, request.file);
        this.#hashing = this.#hashing.then(() => this.#hash(key, request.file));
        return;
      case "hash":
        return this.#report(key, await this.#stored.get(key)?.digest());
    }
  }

  async #hash(key: string, file: Blob): Promise<void> {
    try {
      const aborted = () => this.#sources.get(key) !== file;
      this.#report(key, await hashSource(file, { aborted }) ?? undefined);
    } catch {
      this.#scope.postMessage({ type: "failed", key, failure: "source_changed" });
    }
  }

  #report(key: string, hash: string | undefined): void {
    if (hash !== undefined) this.#scope.postMessage({ type: "hashed", key, hash });
  }

  async #open(
    { key, size, isNew }: Extract<WorkerRequest, { type: "open" }>,
    wanted: AbortSignal,
  ): Promise<void> {
    this.#close(key);
    const acquired = await acquireFile(async () => {
      const entry = await (await this.#folder()).getFileHandle(key, { create: true });
      return await (entry as unknown as SyncFileEntry).createSyncAccessHandle();
    }, { signal: wanted, onHeld: () => this.#scope.postMessage({ type: "held", key }) });
    if (acquired === null) return;
    const { handle, wasHeld } = acquired;
    if (isNew && !wasHeld) handle.truncate(0);
    const file = new StoredFile(handle, size, {
      onStored: (offset) => this.#scope.postMessage({ type: "stored", key, offset }),
      onFailed: (error) => this.#scope.postMessage({ type: "failed", key, failure: failureOf(error) }),
    });
    this.#stored.set(key, file);
    this.#scope.postMessage({ type: "opened", key, offset: file.stored });
  }

  #close(key: string): void {
    this.#stored.get(key)?.close();
    this.#stored.delete(key);
    this.#sources.delete(key);
  }

  async #keep(paths: readonly string[]): Promise<void> {
    const root = await navigator.storage.getDirectory();
    for await (const [name, folder] of root.entries()) {
      if (!name.startsWith(FOLDER_PREFIX) || folder.kind !== "directory") continue;
      const keys: string[] = [];
      for await (const key of (folder as FileSystemDirectoryHandle).keys()) keys.push(key);
      for (const key of keys.filter((one) => !paths.includes(`${name}/${one}`))) {
        // What is open here or in another tab cannot be removed, and is in use.
        await (folder as FileSystemDirectoryHandle).removeEntry(key).catch(() => {});
      }
    }
  }

  async #folder(): Promise<FileSystemDirectoryHandle> {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(this.#scope.name, { create: true });
  }
}

function failureOf(error: unknown): FileFailure {
  const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
  return isFull ? "storage_full" : "storage_failed";
}

/** What is not there need not be deleted, and what another tab receives must not be. */
function ignoreOthers(error: unknown): void {
  const isMissing = error instanceof DOMException && error.name === "NotFoundError";
  if (!isMissing && !isHeld(error)) throw error;
}

// The page loads this module too, for its address.
if (!("document" in globalThis)) new FilesWorker(globalThis as unknown as WorkerScope);
