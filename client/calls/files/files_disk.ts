import type { WorkerReport, WorkerRequest } from "./worker_messages.ts";

/** What the disk needs of a `Worker`. */
export type DiskWorker = Pick<
  Worker,
  "postMessage" | "addEventListener" | "removeEventListener" | "terminate"
>;

/** Hears what happens to one file; `taken` if somebody else in this tab has it from now on. */
export type DiskListener = (report: WorkerReport | { readonly type: "taken" }) => void;

/** One file that somebody in this tab has to themselves. */
export interface DiskPlace {
  /** Asks something about it. Nothing is asked after `release`, or once it is taken. */
  readonly post: (request: WorkerRequest) => void;
  /** Lets go of it; `isDiscarded` deletes what is stored. */
  readonly release: (options?: { readonly isDiscarded: boolean }) => void;
}

/** The worker that stores and hashes files, and the folder in which it does so. */
export class FilesDisk implements Disposable {
  readonly #worker: DiskWorker;
  readonly #folder: string;
  readonly #listeners = new Map<string, DiskListener>();
  readonly #onMessage = (event: Event) => {
    const report = (event as MessageEvent<WorkerReport>).data;
    this.#listeners.get(report.key)?.(report);
  };
  /** The worker could not be loaded, or has crashed. */
  readonly #onError = () => {
    for (const [key, listener] of [...this.#listeners]) {
      listener({ type: "failed", key, failure: "storage_failed" });
    }
  };

  /** `folder` is the name with which the worker was started. */
  constructor(worker: DiskWorker, folder: string) {
    this.#worker = worker;
    this.#folder = folder;
    worker.addEventListener("message", this.#onMessage);
    worker.addEventListener("error", this.#onError);
  }

  /** Sends a request; the bytes of a chunk move to the worker. */
  post(request: WorkerRequest): void {
    this.#worker.postMessage(request, "bytes" in request ? [request.bytes.buffer] : []);
  }

  /** Gives a file to somebody, who hears of it; whoever had it before has it no more. */
  hold(key: string, listener: DiskListener): DiskPlace {
    const before = this.#listeners.get(key);
    this.#listeners.set(key, listener);
    before?.({ type: "taken" });
    const isHeld = () => this.#listeners.get(key) === listener;
    return {
      post: (request) => {
        if (isHeld()) this.post(request);
      },
      release: ({ isDiscarded } = { isDiscarded: false }) => {
        if (!isHeld()) return;
        this.#listeners.delete(key);
        this.post({ type: isDiscarded ? "discard" : "close", key });
      },
    };
  }

  /** Returns how much of a received file is stored; null if it cannot be opened. */
  async measure(key: string): Promise<number | null> {
    return (await this.read(key))?.size ?? null;
  }

  /** Returns a received file; null if it is not there. */
  async read(key: string): Promise<File | null> {
    try {
      const root = await navigator.storage.getDirectory();
      return await (await (await root.getDirectoryHandle(this.#folder)).getFileHandle(key)).getFile();
    } catch {
      // Never stored, swept, or a browser without storage.
      return null;
    }
  }

  [Symbol.dispose](): void {
    this.#listeners.clear();
    this.#worker.removeEventListener("message", this.#onMessage);
    this.#worker.removeEventListener("error", this.#onError);
    this.#worker.terminate();
  }
}

/** Whether this browser has a place for received files. */
export async function hasStorage(): Promise<boolean> {
  try {
    // Some browsers refuse in private windows.
    await navigator.storage.getDirectory();
    return "FileSystemFileHandle" in globalThis;
  } catch {
    return false;
  }
}

/** Returns how many bytes the browser still gives us; null if it does not say. */
export async function freeBytes(): Promise<number | null> {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined || usage === undefined ? null : Math.max(0, quota - usage);
  } catch {
    return null;
  }
}
