import type { RoomId } from "../../shared/ids.ts";

/** The room that shows its call. */
export interface CallPlace {
  readonly roomId: RoomId;
  /** Whether the call stands in the place of the messages. */
  readonly coversMessages: boolean;
}
