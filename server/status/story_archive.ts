import { AppError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import type { StatusId } from "../../shared/ids.ts";
import type { StatusChange, StatusIncident, StatusMaintenance } from "../../shared/status/status.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { StatusReaderStore, StoryTitle } from "./status_reader_store.ts";

/** A story and its markup can have 100 kB. */
const STORIES_MAX_COUNT = 50;
/** As many months as the history leads to. */
const MONTHS_MAX_COUNT = 24;
/** Strangers may ask for anything, and storage serves everybody. */
const READS_MAX_COUNT = 8;
const RETRY_AFTER_MS = 5_000;

/** An incident or a maintenance as everybody sees it. */
export type Story = StatusIncident | StatusMaintenance;

export interface StoryArchiveOptions {
  readonly reader: StatusReaderStore;
  /** Whether storage answers, as probes found. */
  readonly isStorageThere: () => boolean;
}

/** Incidents and maintenance that memory no longer holds: the only thing that visitors get from storage. */
export class StoryArchive {
  readonly stories = new ReadCache<string, Story>({ maxCount: STORIES_MAX_COUNT });
  readonly months = new ReadCache<string, readonly StoryTitle[]>({ maxCount: MONTHS_MAX_COUNT });
  readonly #options: StoryArchiveOptions;
  #readingCount = 0;
  #oldestAt: string | null = null;

  constructor(options: StoryArchiveOptions) {
    this.#options = options;
  }

  /** Reads how far back the stories go. */
  async load(): Promise<void> {
    this.#oldestAt = await this.#options.reader.oldestAt();
  }

  /** When the first story began; null if there is none. */
  get oldestAt(): string | null {
    return this.#oldestAt;
  }

  /** Reads one that is public, by its id; null if there is none. */
  async story(id: string): Promise<Story | null> {
    if (!isId(id)) return null;
    return await this.stories.get(id, () => this.#read(() => this.#options.reader.story(id as StatusId)));
  }

  /** Reads what began in a month such as `2026-11`; nothing while that is not possible. */
  async month(month: string): Promise<readonly StoryTitle[]> {
    try {
      return await this.months.get(month, () => this.#read(() => this.#options.reader.titles(month))) ?? [];
    } catch (error) {
      if (error instanceof AppError && error.appCode === "storage_unavailable") return [];
      throw error;
    }
  }

  /** Drops what a change has made old. */
  hear(change: StatusChange): void {
    if (change.type !== "incident" && change.type !== "maintenance") return;
    const story = change.type === "incident" ? change.incident : change.maintenance;
    this.stories.drop(story.id);
    this.months.dropWhere(() => true);
    if ("deletedAt" in story) return;
    const at = "startsAt" in story ? story.startsAt : story.startedAt;
    if (this.#oldestAt === null || at < this.#oldestAt) this.#oldestAt = at;
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
