import { computed, effect, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Call, CallUpdate, Ring } from "../../shared/call/call_types.ts";
import type { CallId, RoomId, TabId } from "../../shared/ids.ts";
import type { StreamNeed } from "../net/connection_model.ts";
import { keepSubscribed } from "../net/keep_subscribed.ts";
import type { Trpc } from "../net/trpc.ts";

/** Who is told what arrives. */
export interface CallsListener {
  readonly onUpdate: (update: CallUpdate) => void;
  /** The stream of updates was opened or lost. */
  readonly onStream: (isOpen: boolean) => void;
}

/** Options of `CallsWatch`. */
export interface CallsWatchOptions {
  readonly api: Pick<Trpc["calls"], "onSignal">;
  readonly tabId: TabId;
  /** True while calls reach the server. */
  readonly isConnected: ReadonlySignal<boolean>;
  /** True on WebSocket; otherwise updates arrive through `apply`, along with the rooms. */
  readonly hasSocket: ReadonlySignal<boolean>;
  /** What this tab's streams are needed for. */
  readonly need: Signal<StreamNeed>;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** A ring, and when it ends by the clock of this device. */
interface TimedRing {
  readonly ring: Ring;
  readonly endsAt: number;
}

/** The calls of all rooms and one's own rings. It has the only subscription, and hands updates on. */
export class CallsWatch {
  readonly #options: CallsWatchOptions;
  readonly #now: () => number;
  readonly #calls = signal<ReadonlyMap<RoomId, Call>>(new Map());
  readonly #rings = signal<readonly TimedRing[]>([]);
  readonly #isOpen = signal(false);
  readonly #isInCall = signal(false);
  readonly #listeners = new Set<CallsListener>();
  readonly #stops: (() => void)[] = [];
  /** The server's clock, when the last snapshot told it. */
  #told: { readonly serverMs: number; readonly at: number } | null = null;

  /** The running call of each room that has one. */
  readonly calls: ReadonlySignal<ReadonlyMap<RoomId, Call>> = this.#calls;
  /** What rings for this person now. */
  readonly rings: ReadonlySignal<readonly Ring[]> = computed(() => this.#rings.value.map(({ ring }) => ring));
  /** True from a snapshot until the connection is lost. */
  readonly isOpen: ReadonlySignal<boolean> = this.#isOpen;

  constructor(options: CallsWatchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Subscribes. */
  start(): void {
    const { api, tabId, hasSocket, isConnected, need } = this.#options;
    this.#stops.push(
      keepSubscribed(
        () => hasSocket.value || null,
        (_, reopen) =>
          api.onSignal.subscribe({ tabId }, {
            onData: (update) => this.apply(update),
            onError: reopen,
          }),
      ),
      effect(() => {
        if (!isConnected.value) this.#setOpen(false);
      }),
      effect(() => {
        need.value = this.#isInCall.value ? "call" : this.#rings.value.length > 0 ? "ringing" : "page";
      }),
      () => need.value = "page",
    );
  }

  /** Tells whether this tab is in a call. */
  setInCall(isInCall: boolean): void {
    this.#isInCall.value = isInCall;
  }

  /** The server's clock in epoch milliseconds, by which calls begin. */
  serverNow(): number {
    return this.#told === null ? Date.now() : this.#told.serverMs + this.#now() - this.#told.at;
  }

  /** Applies an update from the server; nothing else changes calls and rings. */
  apply(update: CallUpdate): void {
    this.#apply(update);
    if (update.type === "snapshot") this.#setOpen(true);
    for (const listener of this.#listeners) listener.onUpdate(update);
  }

  /** Tells a listener what is there now, and what arrives until the returned function is called. */
  listen(listener: CallsListener): () => void {
    listener.onStream(this.#isOpen.peek());
    listener.onUpdate(this.#snapshot());
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Unsubscribes. */
  [Symbol.dispose](): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#listeners.clear();
  }

  #snapshot(): CallUpdate {
    const now = this.#now();
    const rings = this.#rings.peek().filter(({ endsAt }) => endsAt > now)
      .map(({ ring, endsAt }) => ({ ...ring, remainingMs: endsAt - now }));
    return { type: "snapshot", calls: [...this.#calls.peek().values()], rings };
  }

  #setOpen(isOpen: boolean): void {
    if (isOpen === this.#isOpen.peek()) return;
    this.#isOpen.value = isOpen;
    for (const listener of this.#listeners) listener.onStream(isOpen);
  }

  #apply(update: CallUpdate): void {
    switch (update.type) {
      case "snapshot":
        if (update.asOf !== undefined) this.#told = { serverMs: Date.parse(update.asOf), at: this.#now() };
        this.#calls.value = new Map(update.calls.map((call) => [call.roomId, call]));
        this.#rings.value = update.rings.map((ring) => this.#timed(ring));
        return;
      case "call_changed":
        return this.#put(update.call);
      case "call_ended":
        return this.#remove(update.callId, update.reason === undefined);
      case "ring":
        this.#endRings(update.ring.callId);
        this.#rings.value = [...this.#rings.peek(), this.#timed(update.ring)];
        return;
      case "ring_ended":
        // One's own ring, or that of somebody whom one calls: then there is nothing to end here.
        return this.#endRings(update.callId);
      default:
        return;
    }
  }

  #put(call: Call): void {
    const known = this.#calls.peek().get(call.roomId);
    if (known?.callId === call.callId && known.revision >= call.revision) return;
    this.#calls.value = new Map(this.#calls.peek()).set(call.roomId, call);
  }

  #remove(callId: CallId, isOver: boolean): void {
    if (!isOver) return;
    this.#endRings(callId);
    const calls = [...this.#calls.peek()].filter(([, call]) => call.callId !== callId);
    if (calls.length < this.#calls.peek().size) this.#calls.value = new Map(calls);
  }

  #endRings(callId: CallId): void {
    const rings = this.#rings.peek().filter(({ ring }) => ring.callId !== callId);
    if (rings.length < this.#rings.peek().length) this.#rings.value = rings;
  }

  #timed(ring: Ring): TimedRing {
    return { ring, endsAt: this.#now() + ring.remainingMs };
  }
}
