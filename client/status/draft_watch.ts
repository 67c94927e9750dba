import { computed, effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { PROBE_INTERVAL_MS } from "../../shared/status/probe_track.ts";
import type { Status, StatusIncident } from "../../shared/status/status.ts";
import type { Trpc } from "../net/trpc.ts";

/** Options of `DraftWatch`. */
export interface DraftWatchOptions {
  readonly api: Pick<Trpc["status"], "drafts">;
  readonly onDrafts: (drafts: readonly StatusIncident[]) => void;
}

/** What a watch follows. */
export interface DraftSources {
  /** True while calls reach the server. */
  readonly isConnected: ReadonlySignal<boolean>;
  /** The public status: when a component or an incident changes, a probe may have written or withdrawn a draft. */
  readonly status: ReadonlySignal<Status | null>;
}

/**
 * When drafts are read after a change: at once, when all that fails together is told, after the round of probes in
 * which another instance may draft, and from time to time, because people write and discard drafts too.
 */
const DELAYS_MS = [500, 1.5 * PROBE_INTERVAL_MS, 300_000] as const;

/** Reads drafts, which are in no public event. */
export class DraftWatch {
  readonly #options: DraftWatchOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isFollowing = false;
  /** Since the last change. */
  #readCount = 0;
  #lastRead = 0;

  constructor(options: DraftWatchOptions) {
    this.#options = options;
  }

  /** Reads drafts now, instead of the read that was planned next. */
  async read(): Promise<void> {
    const { api, onDrafts } = this.#options;
    const read = ++this.#lastRead;
    this.#readCount++;
    this.#plan();
    const drafts = await api.drafts.query(undefined);
    // An older answer may come after a newer one.
    if (read === this.#lastRead) onDrafts(drafts);
  }

  /**
   * Reads drafts when components or incidents change, until the returned function is called. Then there are none: the
   * reader may no longer be an admin.
   */
  follow({ isConnected, status }: DraftSources): () => void {
    this.#isFollowing = true;
    // Figures, which come every 15 s, change nothing of it.
    const known = computed(() => isConnected.value ? summaryOf(status.value) : null);
    const stop = effect(() => {
      const isReady = known.value !== null;
      // Not put off by further events, or a busy hour would show none.
      if (isReady && this.#timer !== undefined && this.#readCount === 0) return;
      this.#readCount = 0;
      if (isReady) this.#plan();
      else this.#cancel();
    });
    return () => {
      stop();
      this.#isFollowing = false;
      this.#lastRead++;
      this.#cancel();
      this.#options.onDrafts([]);
    };
  }

  #plan(): void {
    this.#cancel();
    if (!this.#isFollowing) return;
    const ms = DELAYS_MS[Math.min(this.#readCount, DELAYS_MS.length - 1)];
    // The next one tries again.
    this.#timer = setTimeout(() => this.read().catch(() => {}), ms);
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function summaryOf(status: Status | null): string | null {
  if (status === null) return null;
  const { components, incidents } = status;
  return JSON.stringify([
    components.map(({ id, state }) => [id, state]),
    incidents.map(({ id, updatedAt }) => [id, updatedAt]),
  ]);
}
