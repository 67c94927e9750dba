import type { Message } from "../../shared/message.ts";
import type { MemberEventBody, RoomEvent, RoomUpdatedBody } from "../../shared/event.ts";

/** An event of the log that stands between messages as one quiet line. */
export type SystemEvent = Extract<RoomEvent, MemberEventBody | RoomUpdatedBody>;

/** A message as a row. */
export interface MessageRow {
  readonly kind: "message";
  /** The same before and after the message is kept, so that its element stays. */
  readonly key: string;
  readonly message: Message;
  /** Null until the server has given one. */
  readonly offset: number | null;
  /** True when the author's face and name stand above it. */
  readonly isFirst: boolean;
  readonly state: "kept" | "waiting" | "failed";
  /** Why it failed, in words; null otherwise. */
  readonly problem: string | null;
}

/** One row of a timeline. */
export type TimelineRow =
  | MessageRow
  | { readonly kind: "day"; readonly key: string; readonly at: string }
  | { readonly kind: "unread"; readonly key: string; readonly count: number }
  | { readonly kind: "gap"; readonly key: string; readonly from: number; readonly to: number }
  | { readonly kind: "system"; readonly key: string; readonly event: SystemEvent };
