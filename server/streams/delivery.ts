import { formatPosition } from "../../shared/position.ts";
import type { CommittedNotice, Feed } from "./feed.ts";
import type { Hub } from "./hub.ts";
import type { Signals } from "./signals.ts";
import type { StreamKind, StreamTypes } from "./stream_kind.ts";

export interface DeliveryOptions {
  readonly feed: Feed;
  readonly hub: Hub;
  readonly signals: Signals;
  readonly epoch: string;
  /** Finds a kind of stream by name; null for kinds that are not delivered here. */
  readonly kindOf: (name: string) => StreamKind<StreamTypes> | null;
}

/** Publishes committed events to the hub and ends subscriptions of users who lost access. Returns a stop function. */
export function deliverEvents(options: DeliveryOptions): () => void {
  const { feed, kindOf } = options;
  return feed.subscribe("deliver", (notice) => {
    if (notice.type !== "committed") return;
    const kind = kindOf(notice.kind);
    if (kind !== null) deliver(kind, notice, options);
  });
}

function deliver(
  kind: StreamKind<StreamTypes>,
  { streamId, events, isMoreComing = false }: CommittedNotice,
  { hub, signals, epoch }: DeliveryOptions,
): void {
  const topic = kind.topicOf(streamId);
  for (const event of events) {
    const position = formatPosition({ epoch, offset: event.offset });
    hub.publish(topic, { value: event, offset: event.offset, position }, { isMoreComing });
    const loss = kind.lossBy?.(streamId, event) ?? null;
    if (loss === null) continue;
    // Before the next event, so that users who were removed receive nothing after the removal.
    for (const lost of [topic, ...signals.membershipTopics(streamId)]) {
      hub.revoke(lost, loss.userId, loss.error);
    }
  }
}
