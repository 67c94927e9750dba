import { AppError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import type { StatusId } from "../../shared/ids.ts";
import type { StatusChange, StatusIncident, StatusMaintenance } from "../../shared/status/status.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { ItemTitle, StatusReaderStore } from "./status_reader_store.ts";

/** An item and its markup can have 100 kB. */
const ITEMS_MAX_COUNT = 50;
/** As many months as the history leads to. */
const MONTHS_MAX_COUNT = 24;
/** Strangers may ask for anything, and storage serves everybody. */
const READS_MAX_COUNT = 8;
const RETRY_AFTER_MS = 5_000;

/** An incident or a maintenance as everybody sees it. */
export type StatusItem = StatusIncident | StatusMaintenance;

export interface IncidentArchiveOptions {
  readonly reader: StatusReaderStore;
  /** Whether storage answers, as probes found. */
  readonly isStorageThere: () => boolean;
}

/** Incidents and maintenance that memory no longer holds: the only thing that visitors get from storage. */
export class IncidentArchive {
  readonly items = new ReadCache<string, StatusItem>({ maxCount: ITEMS_MAX_COUNT });
  readonly months = new ReadCache<string, readonly ItemTitle[]>({ maxCount: MONTHS_MAX_COUNT });
  readonly #options: IncidentArchiveOptions;
  #readingCount = 0;
  #oldestAt: string | null = null;
  #heardCount = 0;

  constructor(options: IncidentArchiveOptions) {
    this.#options = options;
  }

  /** Reads how far back incidents and maintenances go. */
  async load(): Promise<void> {
    this.#oldestAt = await this.#options.reader.oldestAt();
  }

  /** When the first of them began; null if there is none. */
  get oldestAt(): string | null {
    return this.#oldestAt;
  }

  /** Reads one that is public, by its id; null if there is none. */
  async item(id: string): Promise<StatusItem | null> {
    if (!isId(id)) return null;
    return await this.items.get(id, () => this.#read(() => this.#options.reader.item(id as StatusId)));
  }

  /** Reads what began in a month such as `2026-11`; null while that is not possible. */
  async month(month: string): Promise<readonly ItemTitle[] | null> {
    try {
      return await this.months.get(month, () => this.#read(() => this.#options.reader.titles(month))) ?? [];
    } catch (error) {
      if (error instanceof AppError && error.appCode === "storage_unavailable") return null;
      throw error;
    }
  }

  /** Drops what a change has made old. */
  hear(change: StatusChange): void {
    if (change.type !== "incident" && change.type !== "maintenance") return;
    const item = change.type === "incident" ? change.incident : change.maintenance;
    this.items.drop(item.id);
    this.months.dropWhere(() => true);
    this.#heardCount++;
    if ("deletedAt" in item) return void this.#readOldest();
    const at = "startsAt" in item ? item.startsAt : item.startedAt;
    if (this.#oldestAt === null || at < this.#oldestAt) this.#oldestAt = at;
  }

  /** Reads how far back incidents and maintenances go after one was deleted, which may have been the first. */
  async #readOldest(): Promise<void> {
    const heardCount = this.#heardCount;
    try {
      const oldestAt = await this.#options.reader.oldestAt();
      // What came meanwhile may be older.
      if (heardCount === this.#heardCount) this.#oldestAt = oldestAt;
    } catch {
      // Until the next one is deleted, the history leads to months that are empty.
    }
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    if (!this.#options.isStorageThere() || this.#readingCount >= READS_MAX_COUNT) {
      throw new AppError("storage_unavailable", "Storage does not answer", { retryAfterMs: RETRY_AFTER_MS });
    }
    this.#readingCount++;
    try {
      return await read();
    } finally {
      this.#readingCount--;
    }
  }
}
