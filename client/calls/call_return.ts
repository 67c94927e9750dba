import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { CALL_LEASE_MS } from "../../shared/call/call_limits.ts";
import type { CallSession } from "../../shared/call/call_state.ts";
import type { CallId } from "../../shared/ids.ts";
import { recallCall, rememberCall } from "./call_memory.ts";
import type { RememberedCall } from "./call_memory.ts";
import type { CallsWatch } from "./calls_watch.ts";
import type { TabStorage } from "./tab_id.ts";

/** Options of `CallReturn`. */
export interface CallReturnOptions {
  readonly watch: Pick<CallsWatch, "calls" | "isOpen">;
  readonly storage: TabStorage | null;
  /** Tells the server that this tab does not come back. */
  readonly leave: (callId: CallId) => Promise<unknown>;
}

/** How long a tab may come back: the server keeps its place for as long after a crash. */
const RETURN_MS = CALL_LEASE_MS;

/** Offers to return into the call in which this tab was before a reload. */
export class CallReturn implements Disposable {
  readonly #options: CallReturnOptions;
  readonly #offer = signal<RememberedCall | null>(null);
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  #known: string | null = null;

  /** The call to return into; null if there is none, or if it is too late. */
  readonly offer: ReadonlySignal<RememberedCall | null> = this.#offer;

  constructor(options: CallReturnOptions) {
    this.#options = options;
    const call = recallCall(options.storage);
    if (call === null) return;
    this.#offer.value = call;
    this.#timer = setTimeout(() => this.decline(), RETURN_MS);
  }

  /** Returns the call, which is not offered again. */
  take(): RememberedCall | null {
    const call = this.#offer.peek();
    clearTimeout(this.#timer);
    this.#offer.value = null;
    return call;
  }

  /** Leaves the call. */
  decline(): void {
    const call = this.take();
    if (call === null) return;
    rememberCall(this.#options.storage, null);
    // If this does not arrive, the participation ends with this tab.
    this.#options.leave(call.callId).catch(() => {});
  }

  /** Withdraws the offer if the participation has ended meanwhile. */
  check(): void {
    const call = this.#offer.peek();
    const { watch, storage } = this.#options;
    if (call === null || !watch.isOpen.peek()) return;
    const running = watch.calls.peek().get(call.roomId);
    const isIn = running?.callId === call.callId &&
      running.participants.some(({ participantId }) => participantId === call.participantId);
    if (isIn) return;
    this.take();
    rememberCall(storage, null);
  }

  /** Remembers the call of this tab for the time after a reload, or forgets it. */
  remember(session: CallSession | null, epochs: RememberedCall["epochs"] = {}): void {
    if (session === null && this.#offer.peek() !== null) return;
    const call = rememberedOf(session, epochs);
    const key = JSON.stringify(call);
    if (key === this.#known) return;
    this.#known = key;
    if (call !== null) this.take();
    rememberCall(this.#options.storage, call);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

function rememberedOf(
  session: CallSession | null,
  epochs: RememberedCall["epochs"],
): RememberedCall | null {
  if (session === null || session.own === null || session.callId === null) return null;
  const { callId, roomId, isDirect, purpose, want: { mic, cam }, own: { participantId } } = session;
  return { callId, roomId, participantId, isDirect, purpose, media: { mic, cam }, epochs };
}
