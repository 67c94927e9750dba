import type { CallId, InviteId, RoomId, SessionId, StatusId, TokenId, UserId } from "../../shared/ids.ts";

/** Every key of the database. The first part names the kind; no room needs the rows of another. */
export const keys = {
  epoch: (): Deno.KvKey => ["epoch"],
  /** Written at startup to check that storage accepts writes. */
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
  /** A message that mentions a person, or the end of a call that they missed, by the value. */
  mention: (
    userId: UserId,
    roomId: RoomId,
    offset: number,
  ): Deno.KvKey => ["mention", userId, roomId, offset],
  mentions: (userId: UserId, roomId: RoomId): Deno.KvKey => ["mention", userId, roomId],
  mentionsAll: (userId: UserId): Deno.KvKey => ["mention", userId],
  /** The people behind a reaction, if they are too many for the message's row. */
  reaction: (
    roomId: RoomId,
    offset: number,
    emoji: string,
  ): Deno.KvKey => ["reaction", roomId, offset, emoji],

  room: (roomId: RoomId): Deno.KvKey => ["room", roomId],
  rooms: (): Deno.KvKey => ["room"],
  roomName: (folded: string): Deno.KvKey => ["roomName", folded],
  roomNames: (): Deno.KvKey => ["roomName"],
  /** The pair is sorted, so that both directions find the same room. */
  direct: (userA: UserId, userB: UserId): Deno.KvKey =>
    userA < userB ? ["direct", userA, userB] : ["direct", userB, userA],
  member: (roomId: RoomId, userId: UserId): Deno.KvKey => ["member", roomId, userId],
  members: (roomId: RoomId): Deno.KvKey => ["member", roomId],
  memberOf: (userId: UserId, roomId: RoomId): Deno.KvKey => ["memberOf", userId, roomId],
  memberOfAll: (userId: UserId): Deno.KvKey => ["memberOf", userId],
  /** The read position from own messages; below the membership's key, so that one list returns both. */
  memberSent: (userId: UserId, roomId: RoomId): Deno.KvKey => ["memberOf", userId, roomId, "sent"],
  /** The room that new members join automatically. */
  generalRoom: (): Deno.KvKey => ["generalRoom"],

  /** The call of a room; it stays when the call has ended. */
  call: (roomId: RoomId): Deno.KvKey => ["call", roomId],
  /** The rooms of all calls that go on. */
  callRoom: (callId: CallId): Deno.KvKey => ["callRoom", callId],
  callRooms: (): Deno.KvKey => ["callRoom"],
  /** The room in whose call a session or token is. */
  callOf: (userId: UserId, key: string): Deno.KvKey => ["callOf", userId, key],

  workspace: (): Deno.KvKey => ["workspace"],
  user: (userId: UserId): Deno.KvKey => ["user", userId],
  users: (): Deno.KvKey => ["user"],
  /** Written with every change of a role and every end of an account: a commit that checks it has current rights. */
  rightsChanged: (): Deno.KvKey => ["rightsChanged"],
  /** Where a list of accounts continues after this one. */
  userAfter: (userId: string): Deno.KvKey => ["user", `${userId}\u0000`],
  userName: (folded: string): Deno.KvKey => ["userName", folded],
  /** The account whose name has this look, by the hash of `lookOf`. */
  nameLook: (lookHash: string): Deno.KvKey => ["nameLook", lookHash],
  /** Id of the bot by which the server writes in rooms. */
  statusBot: (): Deno.KvKey => ["statusBot"],
  /** Set once all accounts have their look, including those of earlier versions. */
  nameLooksMade: (): Deno.KvKey => ["nameLooksMade"],
  /** Ids of the active owners in one row, so that two who step down at once cannot both succeed. */
  owners: (): Deno.KvKey => ["owners"],
  /** Rooms that a new account has yet to join, written with the account. */
  pendingRooms: (userId: UserId): Deno.KvKey => ["pendingRooms", userId],
  pendingRoomsAll: (): Deno.KvKey => ["pendingRooms"],
  /** Password hash, apart from the account so that no list ever reads it. */
  password: (userId: UserId): Deno.KvKey => ["password", userId],
  /** What a person changed of their settings. */
  settings: (userId: UserId): Deno.KvKey => ["settings", userId],
  statusText: (userId: UserId): Deno.KvKey => ["statusText", userId],
  statusTexts: (): Deno.KvKey => ["statusText"],
  session: (tokenHash: string): Deno.KvKey => ["session", tokenHash],
  sessionOf: (userId: UserId, sessionId: SessionId): Deno.KvKey => ["sessionOf", userId, sessionId],
  sessionsOf: (userId: UserId): Deno.KvKey => ["sessionOf", userId],
  sessionsAll: (): Deno.KvKey => ["sessionOf"],
  token: (tokenHash: string): Deno.KvKey => ["token", tokenHash],
  tokenOf: (userId: UserId, tokenId: TokenId): Deno.KvKey => ["tokenOf", userId, tokenId],
  /** The tokens that a person made, for themselves and their bots, in one row that limits their number. */
  tokensBy: (userId: UserId): Deno.KvKey => ["tokensBy", userId],
  /** The pair by which push services recognise this server. */
  pushKeys: (): Deno.KvKey => ["pushKeys"],
  /** The push subscription of a session; deleted in the commit that ends it. */
  pushOf: (userId: UserId, sessionId: SessionId): Deno.KvKey => ["push", userId, sessionId],
  pushesOf: (userId: UserId): Deno.KvKey => ["push", userId],
  pushesAll: (): Deno.KvKey => ["push"],
  /** Which instance sends the pushes of a message, at once or later, or of a ring of a call, or of its end. */
  pushClaim: (
    id: RoomId | CallId,
    number: number,
    phase: "now" | "later" | "ring" | "end",
  ): Deno.KvKey => ["pushClaim", id, number, phase],
  pushClaims: (): Deno.KvKey => ["pushClaim"],
  /** Which notifications the devices of a person may show. */
  pushShown: (userId: UserId): Deno.KvKey => ["pushShown", userId],
  /** Whose browser an endpoint is. */
  pushEndpoint: (endpointHash: string): Deno.KvKey => ["pushEndpoint", endpointHash],
  pushEndpoints: (): Deno.KvKey => ["pushEndpoint"],
  setup: (tokenHash: string): Deno.KvKey => ["setup", tokenHash],
  setups: (): Deno.KvKey => ["setup"],
  reset: (tokenHash: string): Deno.KvKey => ["reset", tokenHash],
  resets: (): Deno.KvKey => ["reset"],
  /** The one valid reset link of a person; a new one replaces it. */
  resetOf: (userId: UserId): Deno.KvKey => ["resetOf", userId],
  /** Who made the links of recent password resets. */
  passwordResets: (userId: UserId): Deno.KvKey => ["passwordResets", userId],
  invite: (codeHash: string): Deno.KvKey => ["invite", codeHash],
  inviteById: (inviteId: InviteId): Deno.KvKey => ["inviteById", inviteId],
  invites: (): Deno.KvKey => ["inviteById"],
  /** Token bucket for failed logins and invite attempts, which survives restarts and is shared by all instances. */
  attempts: (kind: string, subject: string): Deno.KvKey => ["attempts", kind, subject],
  attemptsAll: (): Deno.KvKey => ["attempts"],

  /** What was done that others may ask about later, in order of time. */
  audit: (at: string, id: string): Deno.KvKey => ["audit", at, id],
  audits: (): Deno.KvKey => ["audit"],

  statusHead: (streamId: string): Deno.KvKey => ["statusStream", streamId],
  statusEvents: (streamId: string): Deno.KvKey => ["statusEvent", streamId],
  statusEvent: (streamId: string, offset: number): Deno.KvKey => ["statusEvent", streamId, offset],
  /** An incident, a maintenance or an announcement; `kind` says which. */
  statusItem: (kind: string, id: StatusId): Deno.KvKey => ["statusItem", kind, id],
  /** Ids of what is open or upcoming, so that the page is read without its history. */
  statusOpen: (kind: string, id: StatusId): Deno.KvKey => ["statusOpen", kind, id],
  statusOpens: (kind: string): Deno.KvKey => ["statusOpen", kind],
  /** Written by each commit that opens one more, so that two at once cannot both be the last that fits. */
  statusOpened: (kind: string): Deno.KvKey => ["statusOpened", kind],
  /** Ids by time, for lists of the newest. */
  statusByTime: (kind: string, at: string, id: StatusId): Deno.KvKey => ["statusByTime", kind, at, id],
  statusTimes: (kind: string): Deno.KvKey => ["statusByTime", kind],
  /** Where a month such as `2026-11` begins; the end of a month is right after its last time. */
  statusMonth: (kind: string, month: string): Deno.KvKey => ["statusByTime", kind, month],
  statusMonthEnd: (kind: string, month: string): Deno.KvKey => ["statusByTime", kind, `${month}~`],
  statusUpdate: (id: StatusId, number: number): Deno.KvKey => ["statusUpdate", id, number],
  statusUpdates: (id: StatusId): Deno.KvKey => ["statusUpdate", id],
  /** The room that hears of an incident, a maintenance or an announcement, as long as there is something to say. */
  statusRoom: (id: StatusId): Deno.KvKey => ["statusRoom", id],
  statusRooms: (): Deno.KvKey => ["statusRoom"],
  /** What owners and admins changed of a component. */
  statusComponent: (componentId: string): Deno.KvKey => ["statusComponent", componentId],
  statusComponents: (): Deno.KvKey => ["statusComponent"],
  /** The incident that the server drafted for a component. */
  statusDraft: (componentId: string): Deno.KvKey => ["statusDraft", componentId],
  statusDrafts: (): Deno.KvKey => ["statusDraft"],
  /** Synthetic messages, on streams of their own. */
  probeHead: (streamId: string): Deno.KvKey => ["probeStream", streamId],
  probeEvents: (streamId: string): Deno.KvKey => ["probeEvent", streamId],
  probeEvent: (streamId: string, offset: number): Deno.KvKey => ["probeEvent", streamId, offset],
  /** A synthetic call. */
  callProbe: (instanceId: string): Deno.KvKey => ["callProbe", instanceId],
  storageProbe: (instanceId: string): Deno.KvKey => ["storageProbe", instanceId],
  /** What one instance measures. */
  statusProbe: (instanceId: string): Deno.KvKey => ["statusProbe", instanceId],
  statusProbes: (): Deno.KvKey => ["statusProbe"],
  /** When an instance last said that it lives. */
  statusBeat: (instanceId: string): Deno.KvKey => ["statusBeat", instanceId],
  statusBeats: (): Deno.KvKey => ["statusBeat"],
  /** Messages of the current day. */
  statusActivity: (): Deno.KvKey => ["statusActivity"],
  /** How long messages took on the last day, as one instance measured it. */
  statusDelivery: (instance: string): Deno.KvKey => ["statusDelivery", instance],
  statusDeliveries: (): Deno.KvKey => ["statusDelivery"],
  /** Up to when the days are counted. */
  statusCounted: (): Deno.KvKey => ["statusCounted"],
  statusDay: (componentId: string, day: string): Deno.KvKey => ["statusDay", componentId, day],
  statusDays: (componentId: string): Deno.KvKey => ["statusDay", componentId],

  /** Rows of the feed between instances; each key ends with the versionstamp of its commit. */
  feeds: (): Deno.KvKey => ["feed"],
  feedShard: (epoch: string, shard: string): Deno.KvKey => ["feed", epoch, shard],
  /** Versionstamp up to which the rows of a shard were deleted. */
  feedFloors: (): Deno.KvKey => ["feedFloor"],
  feedFloor: (epoch: string, shard: string): Deno.KvKey => ["feedFloor", epoch, shard],
  bells: (): Deno.KvKey => ["bell"],
  bell: (shard: string): Deno.KvKey => ["bell", shard],
  instance: (instanceId: string): Deno.KvKey => ["instance", instanceId],
  instances: (): Deno.KvKey => ["instance"],
} as const;
