import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { UserId } from "../../../shared/ids.ts";
import { KEPT_MS } from "./kept_files.ts";
import { hashStart, reopen } from "./picked_file.ts";
import type { PickedFile } from "./picked_file.ts";
import type { SentRecord, TransferRecords } from "./transfer_records.ts";

/** Options of `SentFiles`. */
export interface SentFilesOptions {
  readonly me: UserId;
  readonly records: TransferRecords;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** What this browser was sending when the page was loaded again. */
export class SentFiles {
  readonly #options: SentFilesOptions;
  /** What is offered by this page and not over. */
  readonly #open = new Set<string>();
  readonly #paused = signal<readonly SentRecord[]>([]);

  /** They go on when their file is there again. */
  readonly paused: ReadonlySignal<readonly SentRecord[]> = this.#paused;

  constructor(options: SentFilesOptions) {
    this.#options = options;
  }

  /** Reads what was being sent. */
  async load(): Promise<void> {
    const { me, records, now } = this.#options;
    const found = (await records.list() ?? []).filter((one): one is SentRecord =>
      one.kind === "sent" && one.userId === me
    );
    for (const { key, at } of found) if (at + KEPT_MS <= now()) await records.remove(key);
    this.#paused.value = found.filter(({ at }) => at + KEPT_MS > now());
  }

  /** Remembers a file that is offered. */
  async remember(peerId: UserId, fileId: string, { file, handle }: PickedFile): Promise<void> {
    const { me, records, now } = this.#options;
    const { name, size } = file;
    const key = keyOf(me, fileId);
    this.#open.add(fileId);
    try {
      const start = await hashStart(file);
      if (!this.#open.has(fileId)) return;
      await records.put({
        kind: "sent",
        key,
        userId: me,
        peerId,
        fileId,
        name,
        size,
        at: now(),
        handle,
        start,
      });
    } catch {
      // It cannot be read, which the transfer finds out; or this browser keeps no handles.
    }
  }

  /** Forgets a file that is over. */
  forget(fileId: string): void {
    this.#open.delete(fileId);
    this.#paused.value = this.#paused.value.filter((one) => one.fileId !== fileId);
    void this.#options.records.remove(keyOf(this.#options.me, fileId));
  }

  /** Returns the file of a record by its handle; null if the person has to choose it again. */
  async reopen({ handle, ...record }: SentRecord, mayAsk: boolean): Promise<File | null> {
    const file = handle === null ? null : await reopen(handle, mayAsk);
    return file !== null && await isSame(record, file) ? file : null;
  }

  /** Whether a file that was chosen again is the one that was offered. */
  async matches(record: SentRecord, file: File): Promise<boolean> {
    return file.name === record.name && await isSame(record, file);
  }

  /** The file is there again. */
  resumed(fileId: string): void {
    this.#paused.value = this.#paused.value.filter((one) => one.fileId !== fileId);
  }
}

async function isSame({ size, start }: Pick<SentRecord, "size" | "start">, file: File): Promise<boolean> {
  return file.size === size && await hashStart(file) === start;
}

function keyOf(me: UserId, fileId: string): string {
  return `sent.${me}.${fileId}`;
}
