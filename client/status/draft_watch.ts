import { computed, effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { PROBE_INTERVAL_MS } from "../../shared/status/probe_track.ts";
import type { Status, StatusIncident } from "../../shared/status/status.ts";
import type { Trpc } from "../net/trpc.ts";

/** Options of `followDrafts`. */
export interface DraftWatchOptions {
  readonly api: Pick<Trpc["status"], "drafts">;
  /** True while calls reach the server. */
  readonly isConnected: ReadonlySignal<boolean>;
  /** The public status: when a component or an incident changes, a probe may have written or withdrawn a draft. */
  readonly status: ReadonlySignal<Status | null>;
  readonly onDrafts: (drafts: readonly StatusIncident[]) => void;
}

/**
 * When drafts are read after a change: at once, when all that fails together is told, after the round of probes in
 * which another instance may draft, and from time to time, because people write and discard drafts too.
 */
const DELAYS_MS = [500, 1.5 * PROBE_INTERVAL_MS, 300_000] as const;

/** Reads drafts, which are in no public event, when components or incidents change, until the returned function is called. */
export function followDrafts({ api, isConnected, status, onDrafts }: DraftWatchOptions): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let readCount = 0;
  let isStopped = false;
  const wait = () => {
    const ms = DELAYS_MS[Math.min(readCount, DELAYS_MS.length - 1)];
    timer = setTimeout(() => void read(), ms);
  };
  const read = async () => {
    readCount++;
    wait();
    try {
      const drafts = await api.drafts.query(undefined);
      if (!isStopped) onDrafts(drafts);
    } catch {
      // The next one tries again.
    }
  };
  // Figures, which come every 15 s, change nothing of it.
  const known = computed(() => isConnected.value ? summaryOf(status.value) : null);
  const stop = effect(() => {
    const isReady = known.value !== null;
    // Not put off by further events, or a busy hour would show none.
    if (isReady && timer !== undefined && readCount === 0) return;
    clearTimeout(timer);
    timer = undefined;
    readCount = 0;
    if (isReady) wait();
  });
  return () => {
    isStopped = true;
    stop();
    clearTimeout(timer);
  };
}

function summaryOf(status: Status | null): string | null {
  if (status === null) return null;
  const { components, incidents } = status;
  return JSON.stringify([
    components.map(({ id, state }) => [id, state]),
    incidents.map(({ id, updatedAt }) => [id, updatedAt]),
  ]);
}
