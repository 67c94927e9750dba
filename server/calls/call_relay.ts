import type { IncomingSignal, OutgoingSignal } from "../../shared/call/call_types.ts";
import type { ParticipantId } from "../../shared/ids.ts";
import { defineSignal } from "../../shared/signal.ts";
import type { TabAddress } from "../../shared/signal.ts";
import type { Feed } from "../changes.ts";
import { KeyedMutex } from "../kv/keyed_mutex.ts";
import { toRow } from "../streams/signal_rows.ts";
import type { Signals } from "../streams/signals.ts";
import type { CallListeners } from "./call_listeners.ts";
import { requireDevice } from "./call_record.ts";
import type { CallDevice } from "./call_record.ts";
import type { Calls } from "./calls.ts";

/** Sent between instances, to the one on which the tab listens. */
const CALL_SIGNAL = defineSignal<{ readonly to: TabAddress; readonly signal: IncomingSignal }>({
  kind: "call_signal",
  audience: "instances",
});

/** Senders that a tab remembers; far more than a call has participants. */
const SENDERS_MAX_COUNT = 256;

export interface CallRelayOptions {
  readonly calls: Pick<Calls, "requireParticipant" | "require">;
  readonly feed: Feed;
  readonly signals: Signals;
  readonly listeners: CallListeners;
}

/** The place of a signal among those of its sender. */
interface Place {
  readonly epoch: number;
  readonly seq: number;
}

/**
 * Relays signals from one participant to another.
 *
 * Guarantees: both are in the call; only the tab of the receiver gets the signal, with the sender that the server
 * knows; those of one sender and epoch arrive in order, each at most once. Nothing is logged.
 * Between instances, a signal is a row of the shared storage for up to 30 s.
 */
export class CallRelay {
  readonly #options: CallRelayOptions;
  readonly #senders = new KeyedMutex();
  /** What each listening tab got last from each sender. */
  readonly #heard = new WeakMap<object, Map<ParticipantId, Place>>();
  readonly #unsubscribe: () => void;

  /** Subscribes to signals of other instances. */
  constructor(options: CallRelayOptions) {
    this.#options = options;
    this.#unsubscribe = options.signals.on(CALL_SIGNAL, ({ to, signal }) => this.#deliver(to, signal));
  }

  /** Relays a signal; throws `not_in_call` if either is not in the call, and `call_moved` for a former tab. */
  async send(device: CallDevice, { to, ...signal }: OutgoingSignal): Promise<void> {
    const { calls } = this.#options;
    const { callId } = signal;
    // One after another, so that none overtakes an earlier one.
    await this.#senders.run(device.key, async () => {
      const { call } = await calls.requireParticipant(device.key, callId);
      const { participantId: from } = requireDevice(call, device);
      const { participant: { userId, key, tabId } } = await calls.require(to, callId);
      await this.relay({ userId, key, tabId }, { ...signal, from });
    });
  }

  /** Relays a signal to a tab, on whichever instance it listens; rights are checked before. */
  async relay(to: TabAddress, signal: IncomingSignal): Promise<void> {
    await this.#options.feed.relay(toRow(CALL_SIGNAL, null, { to, signal }));
  }

  /** Unsubscribes. */
  close(): void {
    this.#unsubscribe();
  }

  #deliver(to: TabAddress, signal: IncomingSignal): void {
    const tab = this.#options.listeners.find(to);
    if (tab === null) return;
    const heard = this.#heard.getOrInsertComputed(tab, () => new Map());
    const last = heard.get(signal.from);
    const { epoch, seq } = signal;
    if (last !== undefined && (epoch < last.epoch || (epoch === last.epoch && seq <= last.seq))) return;
    heard.delete(signal.from);
    heard.set(signal.from, { epoch, seq });
    if (heard.size > SENDERS_MAX_COUNT) { for (const oldest of heard.keys().take(1)) heard.delete(oldest); }
    this.#options.listeners.deliver(to, { type: "signal", ...signal });
  }
}
