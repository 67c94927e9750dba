import { keys } from "../../kv/keys.ts";
import type { StreamKind } from "../../streams/stream_kind.ts";

/** Something was sent to see whether it arrives. */
export interface ProbeEvent {
  readonly offset: number;
  readonly at: string;
}

/** The types of the stream of synthetic messages. */
export interface ProbeTypes {
  readonly id: string;
  readonly body: null;
  readonly row: { readonly at: string };
  readonly event: ProbeEvent;
}

/**
 * The kind of stream that synthetic messages travel on: the same log, feed and hub as rooms, but no room, so that
 * nothing that counts, finds or announces messages ever sees them.
 */
export const probeStream: StreamKind<ProbeTypes> = {
  name: "probe",
  keys: { head: keys.probeHead, rows: keys.probeEvents, row: keys.probeEvent },
  topicOf: probeTopic,
  toRow: (_body, { at }) => ({ at }),
  toEvent: (_body, { offset, at }) => ({ offset, at }),
  materialize: (_id, rows) => Promise.resolve(rows.map(({ offset, row }) => ({ offset, ...row }))),
};

/** Topic of one instance's synthetic messages. */
export function probeTopic(id: string): string {
  return `probe:${id}`;
}
