import { newId } from "../../../shared/ids.ts";
import type { StatusId } from "../../../shared/ids.ts";
import { defineSignal } from "../../../shared/signal.ts";
import type { Feed } from "../../changes.ts";
import { toRow } from "../../streams/signal_rows.ts";
import type { Signals } from "../../streams/signals.ts";
import type { Probe, ProbeFinding } from "./probe.ts";

/** A synthetic signal; other instances get it too, and nobody there waits for it. */
const PROBE_SIGNAL = defineSignal<{ readonly id: StatusId }>({ kind: "call_probe", audience: "instances" });

export interface SignalingProbeOptions {
  readonly feed: Feed;
  readonly signals: Signals;
}

/** Relays a signal on the way of those of calls, and waits until it arrives. Media go past the server. */
export class SignalingProbe implements Probe {
  readonly id = "calls";
  readonly #options: SignalingProbeOptions;

  constructor(options: SignalingProbeOptions) {
    this.#options = options;
  }

  /** Throws when the signal cannot be stored for other instances, or does not arrive here. */
  async run(signal: AbortSignal): Promise<ProbeFinding> {
    const { feed, signals } = this.#options;
    const id: StatusId = newId();
    const { promise, resolve, reject } = Promise.withResolvers<ProbeFinding>();
    const stop = signals.on(PROBE_SIGNAL, (heard) => heard.id === id && resolve({}));
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    try {
      const [finding] = await Promise.all([promise, feed.relay(toRow(PROBE_SIGNAL, null, { id }))]);
      return finding;
    } finally {
      stop();
    }
  }
}
