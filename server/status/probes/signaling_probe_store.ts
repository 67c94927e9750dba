import type { IncomingSignal } from "../../../shared/call/call_types.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId } from "../../../shared/ids.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import type { TabAddress } from "../../../shared/signal.ts";
import type { Database } from "../../kv/database.ts";
import { keys } from "../../kv/keys.ts";
import type { EventLog } from "../../streams/event_log.ts";
import type { Signals } from "../../streams/signals.ts";
import { SERVER } from "../status_change_store.ts";
import type { Probe, ProbeFinding } from "./probe.ts";
import type { ProbeTypes } from "./probe_stream.ts";

export interface SignalingProbeOptions {
  readonly db: Database;
  readonly log: EventLog<ProbeTypes>;
  /** Relays a signal as between participants of a call. */
  readonly relay: (to: TabAddress, signal: IncomingSignal) => Promise<void>;
  readonly signals: Signals;
  /** The same in every life of an instance, so that old rows are found and deleted. */
  readonly name: string;
}

interface CallProbeRow {
  readonly callId: CallId;
}

/**
 * Starts a synthetic call, sends a signal to a tab of its own and ends the call, as calls of people do. Media go past
 * the server.
 */
export class SignalingProbeStore implements Probe {
  readonly id = "calls";
  readonly needsStorage = true;
  readonly #options: SignalingProbeOptions;

  /** Has a row and a stream of its own. */
  constructor(options: SignalingProbeOptions) {
    this.#options = options;
  }

  /** Throws when the call cannot be stored, or the signal does not arrive. */
  async run(signal: AbortSignal): Promise<ProbeFinding> {
    const callId = newId<CallId>();
    await this.#start(callId);
    await this.#signal(callId, signal);
    await this.#options.db.commit({ deletes: [keys.callProbe(this.#options.name)] });
    return {};
  }

  /** The beginning of a call is an event, in the same commit as the call. */
  async #start(callId: CallId): Promise<void> {
    const { db, log, name } = this.#options;
    const key = keys.callProbe(name);
    const streamId = `call:${name}`;
    await log.append(streamId, {
      by: SERVER,
      build: async ({ offset }) => {
        const entry = await db.get<CallProbeRow>(key);
        const row: CallProbeRow = { callId };
        // Nobody reads the former event again.
        const deletes = [keys.probeEvent(streamId, offset - 1)];
        return { body: null, checks: [entry], sets: [[key, row]], deletes };
      },
    });
    const { value } = await db.get<CallProbeRow>(key);
    if (value?.callId !== callId) throw new Error("Storage gives another call than was written");
  }

  /** Sends a signal to a tab that listens like those of people, and waits until it arrives there. */
  async #signal(callId: CallId, signal: AbortSignal): Promise<void> {
    const { relay, signals, name } = this.#options;
    const tab: TabAddress = { userId: SERVER, key: name, tabId: newId() };
    const from = newId<ParticipantId>();
    for await (const update of signals.read(SIGNALS.signals, { ...tab, connection: null, signal })) {
      // What a tab hears first shows that it listens.
      if (update.type === "snapshot") {
        await relay(tab, { callId, from, epoch: 0, seq: 0, kind: "bye", payload: "" });
      }
      if (update.type === "signal" && update.callId === callId) return;
    }
    signal.throwIfAborted();
    throw new Error("The signal did not arrive");
  }
}
