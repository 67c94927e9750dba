import { METRICS_INTERVAL_MS } from "../shared/status/heartbeat.ts";
import { statusCopyFolder } from "./config.ts";
import { absentDatabase } from "./kv/absent_database.ts";
import { openDatabase } from "./kv/open_database.ts";
import type { OpenedDatabase } from "./kv/open_database.ts";
import { openRemoteDatabase } from "./kv/open_remote_database.ts";
import { Stage } from "./stage.ts";
import type { StageOptions } from "./stage.ts";
import { readLastKnown } from "./status/copies/status_copy.ts";

/** A shared database that takes longer to open is waited for by a stage without it, which listens. */
const SILENT_WAIT_MS = 1_000;

export interface StorageOpenerOptions extends Omit<StageOptions, "database" | "withoutStorage"> {
  /** Ends the wait for storage. */
  readonly signal: AbortSignal;
  /** Called when the stage without storage listens. */
  readonly onListening: () => void;
}

/** Opens the database, and lets a stage without it answer while that takes long. */
export class StorageOpener {
  readonly #options: StorageOpenerOptions;
  #waiting: Stage | null = null;
  #beat: ReturnType<typeof setInterval> | null = null;

  constructor(options: StorageOpenerOptions) {
    this.#options = options;
  }

  /** Resolves when storage has answered; throws a DatabaseError if it never will, and when waiting is ended. */
  async open(): Promise<OpenedDatabase> {
    const { config: { kvUrl, dataDir }, log, signal } = this.#options;
    if (kvUrl === null) return await openDatabase(dataDir);
    const failed = new AbortController();
    const opening = openRemoteDatabase({ url: kvUrl, log, signal: AbortSignal.any([signal, failed.signal]) });
    try {
      if (this.#waiting === null && await isLong(opening)) await this.#listen();
      return await opening;
    } catch (error) {
      failed.abort();
      await opening.then((database) => database.close(), () => {});
      throw error;
    }
  }

  /** Sends away those whom the stage without storage served; another one answers instead if it was replaced. */
  async end(spreadMs: number, { isReplaced }: { readonly isReplaced: boolean }): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (this.#beat !== null) clearInterval(this.#beat);
    if (waiting === null) return;
    await waiting.drain(spreadMs, { isReplaced });
    waiting.endWaits();
    await waiting.close();
  }

  async #listen(): Promise<void> {
    const { config, listener, onListening } = this.#options;
    const folder = statusCopyFolder(config);
    const lastKnown = folder === null ? null : await readLastKnown(folder);
    const waiting = await Stage.create({
      ...this.#options,
      database: absentDatabase(),
      withoutStorage: { lastKnown },
    });
    try {
      await listener.answerWith(waiting.handlers);
    } catch (error) {
      await waiting.close();
      throw error;
    }
    this.#waiting = waiting;
    const { publicFeed, board } = waiting.services.status;
    // Readers take silence for a sign that the server is gone.
    this.#beat = setInterval(
      () => publicFeed.tell({ type: "metrics", metrics: board.metrics }),
      METRICS_INTERVAL_MS,
    );
    onListening();
  }
}

async function isLong(work: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), SILENT_WAIT_MS);
  try {
    return await Promise.race([promise, work.then(() => false)]);
  } finally {
    clearTimeout(timer);
  }
}
