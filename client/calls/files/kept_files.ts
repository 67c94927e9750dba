import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { IncomingFile } from "../../../shared/call/file_transfer.ts";
import type { UserId } from "../../../shared/ids.ts";
import type { FilesDisk } from "./files_disk.ts";
import { diskKey } from "./files_link.ts";
import type { RecalledFile } from "./files_link.ts";
import { HELD_TOLD_MS } from "./held_file.ts";
import { folderOf } from "./worker_messages.ts";
import type { ReceivedRecord, TransferRecords } from "./transfer_records.ts";

/** How long a received file waits to be saved, and a part of one to be continued. */
export const KEPT_MS = 86_400_000;
/** How long it stays after that: browsers copy it in their own time. */
export const SAVED_KEPT_MS = 600_000;
/** Timers may be late after a sleep, so it is looked again at least this often. */
const SWEEP_MAX_MS = 3_600_000;

/** Options of `KeptFiles`. */
export interface KeptFilesOptions {
  readonly me: UserId;
  readonly disk: FilesDisk;
  readonly records: TransferRecords;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** What this browser has received, until it is saved or a day has passed. */
export class KeptFiles implements Disposable {
  readonly #options: KeptFilesOptions;
  readonly #files = signal<readonly ReceivedRecord[]>([]);
  /** What is stored of those that are not done, as far as it was measured. */
  readonly #stored = new Map<string, number>();
  /** What this page has written, or wanted to, since the records were last read; null for what is gone. */
  readonly #written = new Map<string, { readonly record: ReceivedRecord | null; isThere: boolean }>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #secondLook: ReturnType<typeof setTimeout> | undefined;
  #isDisposed = false;

  readonly files: ReadonlySignal<readonly ReceivedRecord[]> = this.#files;

  constructor(options: KeptFilesOptions) {
    this.#options = options;
  }

  /** Reads what is kept, and deletes what is too old. */
  async load(): Promise<void> {
    const { me, disk, records, now } = this.#options;
    for (const [key, { isThere }] of this.#written) if (isThere) this.#written.delete(key);
    const all = await records.list();
    if (this.#isDisposed) return;
    if (all === null) return this.#sweepLater();
    const found = this.#withWritten(all.filter((one): one is ReceivedRecord => one.kind === "received"));
    const fresh = found.filter((one) => endOf(one) > now());
    for (const { key } of found) if (!fresh.some((one) => one.key === key)) await records.remove(key);
    if (this.#isDisposed) return;
    this.#deleteOthers(fresh);
    clearTimeout(this.#secondLook);
    this.#secondLook = setTimeout(() => void this.#lookAgain(), HELD_TOLD_MS);
    const kept = fresh.filter(({ userId }) => userId === me);
    for (const { isDone, peerId, fileId } of kept) {
      const key = diskKey(peerId, fileId);
      if (!isDone) this.#stored.set(key, await disk.measure(key) ?? 0);
    }
    // Something may have come or gone meanwhile.
    this.#files.value = this.#withWritten(kept);
    this.#sweepLater();
  }

  /** Returns what is kept of a file that this person offers again; null if nothing is. */
  recall(peerId: UserId, fileId: string): RecalledFile | null {
    const record = this.#find(peerId, fileId);
    if (record === undefined) return null;
    const { name, size, isDone } = record;
    return { name, size, isDone };
  }

  /** Notes how much is stored of a file that is not done. */
  measured(peerId: UserId, fileId: string, bytes: number): void {
    this.#stored.set(diskKey(peerId, fileId), bytes);
  }

  /** Returns how much is stored of a file. */
  storedOf({ peerId, fileId, isDone, size }: ReceivedRecord): number {
    return isDone ? size : Math.min(size, this.#stored.get(diskKey(peerId, fileId)) ?? 0);
  }

  /** Keeps a file that was accepted or has arrived. */
  keep(peerId: UserId, { fileId, name, size }: IncomingFile, isDone: boolean): void {
    const { me, now } = this.#options;
    const key = `received.${me}.${diskKey(peerId, fileId)}`;
    const at = now();
    const record = {
      kind: "received",
      key,
      userId: me,
      peerId,
      fileId,
      name,
      size,
      at,
      isDone,
      savedAt: null,
      isHidden: false,
    } as const;
    this.#put(record);
    this.#sweepLater();
  }

  /** Takes a file from the list: it is deleted at once, or when the browser has had time to save it. */
  remove(peerId: UserId, fileId: string): void {
    const record = this.#find(peerId, fileId);
    if (typeof record?.savedAt !== "number") return this.drop(peerId, fileId);
    this.#put({ ...record, isHidden: true });
  }

  /** Deletes a file, or what is stored of it. */
  drop(peerId: UserId, fileId: string): void {
    const record = this.#find(peerId, fileId);
    if (record === undefined) return;
    this.#files.value = this.#files.value.filter((one) => one !== record);
    this.#write(record.key, null, this.#options.records.remove(record.key));
    this.#stored.delete(diskKey(peerId, fileId));
    this.#options.disk.post({ type: "discard", key: diskKey(peerId, fileId) });
  }

  /** Returns a file that has arrived, and notes that it is saved; null if it is not here any more. */
  async take(peerId: UserId, fileId: string): Promise<File | null> {
    const { disk, now } = this.#options;
    const file = await disk.read(diskKey(peerId, fileId));
    const record = this.#find(peerId, fileId);
    if (file === null || record === undefined || file.size !== record.size) return null;
    this.#put({ ...record, savedAt: now() });
    this.#sweepLater();
    return file;
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#secondLook);
  }

  /** A page that has just gone may still have held what was to be deleted. */
  async #lookAgain(): Promise<void> {
    const all = await this.#options.records.list();
    if (all === null || this.#isDisposed) return;
    this.#deleteOthers(
      this.#withWritten(all.filter((one): one is ReceivedRecord => one.kind === "received")),
    );
  }

  /** Whoever used this browser before may never come back. */
  #deleteOthers(kept: readonly ReceivedRecord[]): void {
    const paths = kept.map(({ userId, peerId, fileId }) => `${folderOf(userId)}/${diskKey(peerId, fileId)}`);
    this.#options.disk.post({ type: "keep", paths });
  }

  #find(peerId: UserId, fileId: string): ReceivedRecord | undefined {
    return this.#files.value.find((one) => one.peerId === peerId && one.fileId === fileId);
  }

  #put(record: ReceivedRecord): void {
    this.#files.value = [...this.#files.value.filter(({ key }) => key !== record.key), record];
    this.#write(record.key, record, this.#options.records.put(record));
  }

  /** What cannot be written is kept as long as this page. */
  #write(key: string, record: ReceivedRecord | null, writing: Promise<boolean>): void {
    const written = { record, isThere: false };
    this.#written.set(key, written);
    void writing.then((isThere) => written.isThere = isThere);
  }

  #withWritten(read: readonly ReceivedRecord[]): ReceivedRecord[] {
    const ours = [...this.#written.values()].map(({ record }) => record).filter((one) => one !== null);
    return [...read.filter(({ key }) => !this.#written.has(key)), ...ours];
  }

  #sweepLater(): void {
    clearTimeout(this.#timer);
    // Whatever was awaited meanwhile ends here.
    if (this.#isDisposed) return;
    const next = Math.min(...this.#files.value.map(endOf));
    if (next === Infinity) return;
    const waitMs = Math.min(SWEEP_MAX_MS, Math.max(0, next - this.#options.now()));
    this.#timer = setTimeout(() => void this.#sweep(), waitMs);
  }

  #sweep(): void {
    const now = this.#options.now();
    for (const record of this.#files.value) if (endOf(record) <= now) this.drop(record.peerId, record.fileId);
    this.#sweepLater();
  }
}

function endOf({ at, savedAt }: ReceivedRecord): number {
  return savedAt === null ? at + KEPT_MS : Math.min(at + KEPT_MS, savedAt + SAVED_KEPT_MS);
}
