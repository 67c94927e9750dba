import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { IncomingFile } from "../../../shared/call/file_transfer.ts";
import type { UserId } from "../../../shared/ids.ts";
import type { FilesDisk } from "./files_disk.ts";
import { diskKey } from "./files_link.ts";
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
  /** What is stored of those that are not done. */
  readonly #stored = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly files: ReadonlySignal<readonly ReceivedRecord[]> = this.#files;

  constructor(options: KeptFilesOptions) {
    this.#options = options;
  }

  /** Reads what is kept, and deletes what is too old. */
  async load(): Promise<void> {
    const { me, disk, records, now } = this.#options;
    const all = await records.list();
    if (all === null) return this.#sweepLater();
    const found = all.filter((one): one is ReceivedRecord => one.kind === "received");
    const fresh = found.filter((one) => endOf(one) > now());
    for (const { key } of found) if (!fresh.some((one) => one.key === key)) await records.remove(key);
    // Whoever used this browser before may never come back.
    disk.post({
      type: "keep",
      paths: fresh.map(({ userId, peerId, fileId }) => `${folderOf(userId)}/${diskKey(peerId, fileId)}`),
    });
    const kept = fresh.filter(({ userId }) => userId === me);
    for (const { isDone, peerId, fileId } of kept) {
      const key = diskKey(peerId, fileId);
      if (!isDone) this.#stored.set(key, await disk.measure(key) ?? 0);
    }
    this.#files.value = kept;
    this.#sweepLater();
  }

  /** What a link to this person begins with. */
  before(peerId: UserId): IncomingFile[] {
    return this.#files.value.filter((one) => one.peerId === peerId).map(({ fileId, name, size, isDone }) => {
      const stored = isDone ? size : Math.min(size, this.#stored.get(diskKey(peerId, fileId)) ?? 0);
      const phase = isDone ? "done" as const : "receiving" as const;
      return { fileId, name, size, phase, received: stored, stored, acked: stored, hash: null, movedAt: 0 };
    });
  }

  /** Keeps a file that was accepted or has arrived. */
  keep(peerId: UserId, { fileId, name, size }: IncomingFile, isDone: boolean): void {
    const { me, records, now } = this.#options;
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
    this.#replace(record);
    void records.put(record);
    this.#sweepLater();
  }

  /** Takes a file from the list: it is deleted at once, or when the browser has had time to save it. */
  remove(peerId: UserId, fileId: string): void {
    const record = this.#find(peerId, fileId);
    if (typeof record?.savedAt !== "number") return this.drop(peerId, fileId);
    const hidden = { ...record, isHidden: true };
    this.#replace(hidden);
    void this.#options.records.put(hidden);
  }

  /** Deletes a file, or what is stored of it. */
  drop(peerId: UserId, fileId: string): void {
    const record = this.#find(peerId, fileId);
    if (record === undefined) return;
    this.#files.value = this.#files.value.filter((one) => one !== record);
    void this.#options.records.remove(record.key);
    this.#options.disk.post({ type: "discard", key: diskKey(peerId, fileId) });
  }

  /** Returns a file that has arrived, and notes that it is saved; null if it is not here any more. */
  async take(peerId: UserId, fileId: string): Promise<File | null> {
    const { disk, records, now } = this.#options;
    const file = await disk.read(diskKey(peerId, fileId));
    const record = this.#find(peerId, fileId);
    if (file === null || record === undefined || file.size !== record.size) return null;
    const saved = { ...record, savedAt: now() };
    this.#replace(saved);
    void records.put(saved);
    this.#sweepLater();
    return file;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #find(peerId: UserId, fileId: string): ReceivedRecord | undefined {
    return this.#files.value.find((one) => one.peerId === peerId && one.fileId === fileId);
  }

  #replace(record: ReceivedRecord): void {
    this.#files.value = [...this.#files.value.filter(({ key }) => key !== record.key), record];
  }

  #sweepLater(): void {
    clearTimeout(this.#timer);
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
