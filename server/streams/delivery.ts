import { formatPosition } from "../../shared/position.ts";
import type { CommittedNotice, Feed } from "./feed.ts";
import type { Hub } from "./hub.ts";
import type { Signals } from "./signals.ts";
import type { StreamKind, StreamTypes } from "./stream_kind.ts";

/** What delivery works with. */
export interface DeliveryOptions {
  readonly feed: Feed;
  readonly hub: Hub;
  readonly signals: Signals;
  readonly epoch: string;
  /** Finds a kind of stream by its name; null for one that nothing here reads. */
  readonly kindOf: (name: string) => StreamKind<StreamTypes> | null;
}

/** Brings committed events to the hub, and ends the subscriptions of who lost a stream. Returns how to stop. */
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
    // At once, between this event and the next: nothing above its offset reaches who was removed.
    for (const lost of [topic, ...signals.membershipTopics(streamId)]) {
      hub.revoke(lost, loss.userId, loss.error);
    }
  }
}
