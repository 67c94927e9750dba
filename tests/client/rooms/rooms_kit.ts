import type { AppError } from "../../../shared/errors.ts";
import type { RoomsChange } from "../../../shared/event.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import type { RoomMember, RoomSummary } from "../../../shared/room.ts";
import type { User } from "../../../shared/user.ts";
import type { RoomEntry } from "../../../client/rooms/sidebar_sections.ts";
import type { SignalKind } from "../../../shared/signals.ts";
import type { FoundRoom } from "../../../client/rooms/browse_model.ts";
import type { Trpc } from "../../../client/net/trpc.ts";

export const ANA = "userana000000001" as UserId;
export const BEN = "userben000000001" as UserId;
export const CLEO = "usercleo00000001" as UserId;

/** Makes an id of a room out of its name. */
export function idOf(name: string): RoomId {
  return name.toLowerCase().padEnd(16, "0") as RoomId;
}

/** Makes a room as its member sees it. */
export function roomNamed(name: string, fields: Partial<RoomSummary> = {}): RoomSummary {
  return {
    id: idOf(name),
    name,
    kind: "public",
    topic: "",
    createdAt: "2026-11-02T09:00:00.000Z",
    archivedAt: null,
    head: 10,
    readOffset: 10,
    unread: 0,
    mentions: 0,
    level: "all",
    ownLevel: null,
    mutedUntil: null,
    otherUserId: null,
    ...fields,
  };
}

/** Makes a room as the sidebar lists it. */
export function entryNamed(name: string, fields: Partial<RoomSummary> = {}): RoomEntry {
  return { room: roomNamed(name, fields), title: name, peer: null };
}

/** Makes an account. */
export function userNamed(name: string, id: UserId, fields: Partial<User> = {}): User {
  return { id, name, role: "member", isBot: false, deactivatedAt: null, ...fields };
}

/** Makes a member of a room. */
export function memberNamed(name: string, id: UserId, fields: Partial<RoomMember> = {}): RoomMember {
  return { user: userNamed(name, id), role: "member", joinedAt: "2026-11-02T09:00:00.000Z", ...fields };
}

/** The rooms' side of a server, in memory: what was asked, and what is told. */
export class RoomsServer {
  readonly marks: { roomId: RoomId; offset: number; unread?: true }[] = [];
  readonly subscriptions: { also: readonly SignalKind[]; isOpen: boolean }[] = [];
  /** The tab that each of them named. */
  readonly tabIds: (string | undefined)[] = [];
  members = new Map<RoomId, RoomMember[]>();
  found: FoundRoom[] = [];
  readonly browsed: string[] = [];
  /** While set, every call fails with it. */
  failure: AppError | null = null;
  #tell: (change: RoomsChange) => void = () => {};

  /** Tells the subscriber of a change. */
  tell(change: RoomsChange): void {
    this.#tell(change);
  }

  readonly api: Omit<Trpc["rooms"], "list" | "setLevel" | "readers"> = {
    get: { query: () => this.#answer(() => roomNamed("General")) },
    browse: {
      query: (input) => {
        const { query = "", cursor } = input ?? {};
        this.browsed.push(query);
        return this.#answer(() => {
          const all = this.found.filter((room) => room.name.includes(query));
          return cursor === undefined && all.length > 2
            ? { items: all.slice(0, 2), cursor: "2" }
            : { items: cursor === undefined ? all : all.slice(2), cursor: null };
        });
      },
    },
    create: { mutate: ({ name, kind }) => this.#answer(() => roomNamed(name, { kind })) },
    openDirect: { mutate: () => this.#answer(() => roomNamed("Direct", { kind: "direct", name: "" })) },
    join: { mutate: () => this.#answer(() => null) },
    leave: { mutate: () => this.#answer(() => null) },
    update: { mutate: () => this.#answer(() => roomNamed("General")) },
    archive: { mutate: () => this.#answer(() => roomNamed("General")) },
    members: {
      query: ({ roomId, cursor, limit = 50 }: { roomId: RoomId; cursor?: string; limit?: number }) =>
        this.#answer(() => {
          const all = this.members.get(roomId) ?? [];
          const from = Number(cursor ?? 0);
          const isMore = from + limit < all.length;
          return { items: all.slice(from, from + limit), cursor: isMore ? String(from + limit) : null };
        }),
    },
    addMember: {
      mutate: ({ roomId, userId }: { roomId: RoomId; userId: UserId }) =>
        this.#answer(() => {
          this.members.get(roomId)?.push(memberNamed(userId, userId));
          return null;
        }),
    },
    removeMember: {
      mutate: ({ roomId, userId }: { roomId: RoomId; userId: UserId }) =>
        this.#answer(() => {
          const rest = this.members.get(roomId)?.filter((member) => member.user.id !== userId);
          this.members.set(roomId, rest ?? []);
          return null;
        }),
    },
    setMemberRole: { mutate: () => this.#answer(() => null) },
    markRead: {
      mutate: (input: { roomId: RoomId; offset: number; unread?: true }) => {
        this.marks.push(input);
        return this.#answer(() => null);
      },
    },
    onChange: {
      subscribe: (input, { onData }) => {
        const { also = [], tabId } = input ?? {};
        const subscription = { also, isOpen: true };
        this.subscriptions.push(subscription);
        this.tabIds.push(tabId);
        // tRPC's types of what arrives have no readonly lists.
        this.#tell = (change) => onData?.(change as Parameters<NonNullable<typeof onData>>[0]);
        return { unsubscribe: () => subscription.isOpen = false };
      },
    },
  };

  #answer<T>(make: () => T): Promise<T> {
    return this.failure === null ? Promise.resolve().then(make) : Promise.reject(this.failure);
  }
}
