import type { RoomsChange } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Room, RoomKind, RoomMember, RoomRole, RoomSummary } from "../../shared/room.ts";
import type { SignalKind } from "../../shared/signals.ts";
import type { Page } from "../../shared/user.ts";

/** A room as it is found by people who are not in it. */
export interface FoundRoom extends Room {
  readonly memberCount: number;
}

/** One member as `rooms.members` gives it. */
export type Member = RoomMember;

interface PageInput {
  readonly cursor?: string;
  readonly limit?: number;
}

/** What the rooms need of the server; `api.trpc.rooms` fits. */
export interface RoomsApi {
  readonly get: { query(input: { roomId: RoomId }): Promise<Room | RoomSummary> };
  readonly browse: { query(input: PageInput & { query?: string }): Promise<Page<FoundRoom>> };
  readonly create: {
    mutate(input: { name: string; kind: Exclude<RoomKind, "direct">; topic?: string }): Promise<Room>;
  };
  readonly openDirect: { mutate(input: { userId: UserId }): Promise<Room> };
  readonly join: { mutate(input: { roomId: RoomId }): Promise<unknown> };
  readonly leave: { mutate(input: { roomId: RoomId }): Promise<unknown> };
  readonly update: { mutate(input: { roomId: RoomId; name?: string; topic?: string }): Promise<unknown> };
  readonly archive: { mutate(input: { roomId: RoomId; on: boolean }): Promise<unknown> };
  readonly members: { query(input: PageInput & { roomId: RoomId }): Promise<Page<Member>> };
  readonly addMember: { mutate(input: { roomId: RoomId; userId: UserId }): Promise<unknown> };
  readonly removeMember: { mutate(input: { roomId: RoomId; userId: UserId }): Promise<unknown> };
  readonly setMemberRole: {
    mutate(input: { roomId: RoomId; userId: UserId; role: RoomRole }): Promise<unknown>;
  };
  readonly markRead: {
    mutate(input: { roomId: RoomId; offset: number; unread?: true }): Promise<unknown>;
  };
  readonly onChange: {
    subscribe(
      input: { also?: SignalKind[] },
      handlers: { onData: (change: RoomsChange) => void; onError?: (error: unknown) => void },
    ): { unsubscribe(): void };
  };
}
