import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Status, StatusIncident } from "../../shared/status/status.ts";
import type { Trpc } from "../net/trpc.ts";

/** Options of `followDrafts`. */
export interface DraftWatchOptions {
  readonly api: Pick<Trpc["status"], "drafts">;
  /** True while calls reach the server. */
  readonly isConnected: ReadonlySignal<boolean>;
  /** The public status: whenever it changes, a probe may have written or withdrawn a draft. */
  readonly status: ReadonlySignal<Status | null>;
  readonly onDrafts: (drafts: readonly StatusIncident[]) => void;
}

/** Several changes come at once when something fails. */
const WAIT_MS = 500;

/** Reads drafts, which are in no public event, whenever something public happens, until the returned function is called. */
export function followDrafts({ api, isConnected, status, onDrafts }: DraftWatchOptions): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const read = async () => {
    timer = undefined;
    try {
      const drafts = await api.drafts.query(undefined);
      if (!isStopped) onDrafts(drafts);
    } catch {
      // The next event tries again; figures come every 15 s.
    }
  };
  const stop = effect(() => {
    const isReady = status.value !== null && isConnected.value;
    // Not put off by further events, or a busy hour would show none.
    if (isReady) untracked(() => timer ??= setTimeout(() => void read(), WAIT_MS));
  });
  return () => {
    isStopped = true;
    stop();
    clearTimeout(timer);
  };
}
