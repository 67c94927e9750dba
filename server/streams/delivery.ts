import type { AppError } from "../../shared/errors.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { formatPosition } from "../../shared/position.ts";
import type { Feed, Notice } from "./feed.ts";
import type { Hub } from "./hub.ts";
import type { Signals } from "./signals.ts";

/** Topic of a room's events. */
export function roomTopic(roomId: RoomId): string {
  return `room:${roomId}`;
}

/** What delivery works with. */
export interface DeliveryOptions {
  readonly feed: Feed;
  readonly hub: Hub;
  readonly signals: Signals;
  readonly epoch: string;
  /** What a person hears whose subscriptions to a room end: it may not learn more than it may see now. */
  readonly lossOf: (roomId: RoomId, userId: UserId) => AppError;
}

/** Brings committed events to the hub, and ends the subscriptions of who lost a room. Returns how to stop. */
export function deliverEvents(options: DeliveryOptions): () => void {
  const { feed, hub, signals, epoch, lossOf } = options;
  return feed.subscribe("deliver", (notice: Notice) => {
    if (notice.type !== "committed") return;
    const topic = roomTopic(notice.roomId);
    for (const event of notice.events) {
      const position = formatPosition({ epoch, offset: event.offset });
      hub.publish(topic, { value: event, offset: event.offset, position });
      if (event.type !== "member_left") continue;
      // At once, between this event and the next: nothing above the removal's offset reaches who was removed.
      const loss = lossOf(notice.roomId, event.userId);
      for (const lost of [topic, ...signals.membershipTopics(notice.roomId)]) {
        hub.revoke(lost, event.userId, loss);
      }
    }
  });
}
