import { keys } from "../../kv/keys.ts";
import type { EventLog } from "../../streams/event_log.ts";
import type { Hub } from "../../streams/hub.ts";
import { SERVER } from "../status_change_store.ts";
import type { Probe, ProbeFinding } from "./probe.ts";
import { probeTopic } from "./probe_stream.ts";
import type { ProbeTypes } from "./probe_stream.ts";

export interface MessageProbeOptions {
  readonly log: EventLog<ProbeTypes>;
  readonly hub: Hub;
  /** The same in every life of an instance, so that old rows are found and deleted. */
  readonly streamId: string;
}

/** Sends a synthetic message and waits for it at a subscription. */
export class MessageProbeStore implements Probe {
  readonly id = "messages";
  readonly needsStorage = true;
  readonly #options: MessageProbeOptions;

  /** Sends on a stream of its own. */
  constructor(options: MessageProbeOptions) {
    this.#options = options;
  }

  /** Gives the time from sending to arrival; throws when the message cannot be stored or does not arrive. */
  async run(signal: AbortSignal): Promise<ProbeFinding> {
    const { log, hub, streamId } = this.#options;
    const subscription = hub.open({ topic: probeTopic(streamId), userId: SERVER, connection: null, signal });
    try {
      const { offset: before } = await log.head(streamId);
      const arrived = subscription.next(before);
      const sentAt = performance.now();
      const appended = await log.append(streamId, {
        by: SERVER,
        // Nobody reads the former one again.
        build: ({ offset }) => ({ body: null, deletes: [keys.probeEvent(streamId, offset - 1)] }),
      });
      const sent = appended.isDuplicate ? appended.offset : appended.event.offset;
      let items = await arrived;
      for (;;) {
        signal.throwIfAborted();
        const last = items.at(-1)?.offset ?? 0;
        if (last >= sent) return { deliveredMs: performance.now() - sentAt };
        items = await subscription.next(last);
      }
    } finally {
      subscription.release();
    }
  }
}
