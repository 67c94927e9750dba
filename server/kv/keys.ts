import type { InviteId, RoomId, SessionId, TokenId, UserId } from "../../shared/ids.ts";

/** Every key of the database. The first part names the kind; a room never needs another room's rows. */
export const keys = {
  epoch: (): Deno.KvKey => ["epoch"],
  /** Written at start to prove that the storage takes writes. */
  probe: (): Deno.KvKey => ["probe"],

  streamHead: (streamId: string): Deno.KvKey => ["stream", streamId],
  event: (streamId: string, offset: number): Deno.KvKey => ["event", streamId, offset],
  events: (streamId: string): Deno.KvKey => ["event", streamId],
  message: (roomId: RoomId, offset: number): Deno.KvKey => ["message", roomId, offset],
  messages: (roomId: RoomId): Deno.KvKey => ["message", roomId],
  dedupe: (roomId: RoomId, userId: UserId, clientMessageId: string): Deno.KvKey => [
    "dedupe",
    roomId,
    userId,
    clientMessageId,
  ],
  mention: (
    userId: UserId,
    roomId: RoomId,
    offset: number,
  ): Deno.KvKey => ["mention", userId, roomId, offset],
  mentions: (userId: UserId, roomId: RoomId): Deno.KvKey => ["mention", userId, roomId],

  room: (roomId: RoomId): Deno.KvKey => ["room", roomId],
  rooms: (): Deno.KvKey => ["room"],
  roomName: (folded: string): Deno.KvKey => ["roomName", folded],
  roomNames: (): Deno.KvKey => ["roomName"],
  /** The pair stands sorted, so that both directions find the same room. */
  direct: (userA: UserId, userB: UserId): Deno.KvKey =>
    userA < userB ? ["direct", userA, userB] : ["direct", userB, userA],
  member: (roomId: RoomId, userId: UserId): Deno.KvKey => ["member", roomId, userId],
  members: (roomId: RoomId): Deno.KvKey => ["member", roomId],
  memberOf: (userId: UserId, roomId: RoomId): Deno.KvKey => ["memberOf", userId, roomId],
  memberOfAll: (userId: UserId): Deno.KvKey => ["memberOf", userId],

  workspace: (): Deno.KvKey => ["workspace"],
  user: (userId: UserId): Deno.KvKey => ["user", userId],
  users: (): Deno.KvKey => ["user"],
  userName: (folded: string): Deno.KvKey => ["userName", folded],
  /** Password hash, apart from the account, so that no list ever reads it. */
  password: (userId: UserId): Deno.KvKey => ["password", userId],
  statusText: (userId: UserId): Deno.KvKey => ["statusText", userId],
  statusTexts: (): Deno.KvKey => ["statusText"],
  session: (tokenHash: string): Deno.KvKey => ["session", tokenHash],
  sessionOf: (userId: UserId, sessionId: SessionId): Deno.KvKey => ["sessionOf", userId, sessionId],
  sessionsOf: (userId: UserId): Deno.KvKey => ["sessionOf", userId],
  token: (tokenHash: string): Deno.KvKey => ["token", tokenHash],
  tokenOf: (userId: UserId, tokenId: TokenId): Deno.KvKey => ["tokenOf", userId, tokenId],
  tokensOf: (userId: UserId): Deno.KvKey => ["tokenOf", userId],
  setup: (tokenHash: string): Deno.KvKey => ["setup", tokenHash],
  setups: (): Deno.KvKey => ["setup"],
  reset: (tokenHash: string): Deno.KvKey => ["reset", tokenHash],
  invite: (codeHash: string): Deno.KvKey => ["invite", codeHash],
  inviteById: (inviteId: InviteId): Deno.KvKey => ["inviteById", inviteId],
  invites: (): Deno.KvKey => ["inviteById"],
  /** Token bucket of failed logins and invite tries, which count across restarts and instances. */
  attempts: (kind: string, subject: string): Deno.KvKey => ["attempts", kind, subject],
} as const;
