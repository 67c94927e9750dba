import type { RoomId, UserId } from "../../shared/ids.ts";
import type { InstanceName } from "./history.ts";

/** A message as it is at the end. */
export interface FinalMessage {
  readonly offset: number;
  readonly by: UserId;
  readonly clientMessageId: string;
  readonly text: string;
  readonly isDeleted: boolean;
  /** `emoji userId`, sorted. */
  readonly reactions: readonly string[];
}

/** A row that keeps a message from being sent twice. */
export interface FinalDedupe {
  readonly by: UserId;
  readonly clientMessageId: string;
  readonly offset: number;
}

/** All that a room is at the end: what is stored, and what each instance shows. */
export interface FinalRoom {
  readonly roomId: RoomId;
  readonly head: { readonly offset: number; readonly messageCount: number };
  readonly eventOffsets: readonly number[];
  readonly messages: readonly (FinalMessage & { readonly ordinal: number })[];
  readonly dedupes: readonly FinalDedupe[];
  readonly shown: Readonly<Record<InstanceName, readonly FinalMessage[]>>;
}

/** How far somebody has read, as both instances say. */
export interface FinalReadState {
  readonly person: UserId;
  readonly roomId: RoomId;
  readonly instance: InstanceName;
  readonly head: number;
  readonly readOffset: number;
  readonly unread: number;
}

/** Everything that is looked at after the last fault has healed. */
export interface FinalState {
  readonly rooms: readonly FinalRoom[];
  readonly readStates: readonly FinalReadState[];
}
