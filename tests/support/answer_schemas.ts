import * as v from "valibot";
import { call, callEvents, callUpdate, joined } from "./call_schemas.ts";
import { level, settings } from "./settings_schemas.ts";

/** Schemas for the answer of every procedure and the items of every subscription; unknown keys are refused. */

const id = v.pipe(v.string(), v.regex(/^[\w-]{16}$/));
const time = v.pipe(v.string(), v.regex(/^[\d-]{10}T[\d:.]{8,12}Z$/));
const timeOrNull = v.nullable(time);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const role = v.picklist(["owner", "admin", "member", "guest"]);
const roomRole = v.picklist(["moderator", "member"]);
const nothing = v.nullish(v.null());

const me = v.strictObject({
  id,
  name: v.string(),
  role,
  sessionId: v.nullable(id),
  workspaceName: v.string(),
  createdAt: time,
  passwordResets: v.array(v.strictObject({ at: time, by: v.string() })),
});
const user = v.strictObject({
  id,
  name: v.string(),
  role,
  isBot: v.boolean(),
  isBuiltIn: v.optional(v.literal(true)),
  deactivatedAt: timeOrNull,
});
const roomEntries = {
  id,
  name: v.string(),
  kind: v.picklist(["public", "private", "direct"]),
  topic: v.string(),
  createdAt: time,
  archivedAt: timeOrNull,
};
const room = v.strictObject(roomEntries);
const summary = v.strictObject({
  ...roomEntries,
  head: count,
  readOffset: count,
  unread: count,
  mentions: count,
  level,
  ownLevel: v.nullable(level),
  mutedUntil: timeOrNull,
  otherUserId: v.nullable(id),
});
const message = v.strictObject({
  roomId: id,
  offset: count,
  by: id,
  at: time,
  text: v.string(),
  clientMessageId: v.string(),
  editedAt: timeOrNull,
  deletedAt: timeOrNull,
  replyTo: v.nullable(count),
  threadRoot: v.nullable(count),
  replyCount: count,
  mentions: v.array(id),
  mentionsRoom: v.boolean(),
  reactions: v.array(v.strictObject({ emoji: v.string(), userIds: v.array(id) })),
});
const eventEntries = { offset: count, at: time, by: id };
const messageEvent = { ...eventEntries, messageOffset: count, message };
const changedMessage = { ...messageEvent, isWithoutReactions: v.optional(v.literal(true)) };
const roleEvent = { ...eventEntries, userId: id, role: roomRole };
const event = v.variant("type", [
  v.strictObject({ type: v.literal("message_sent"), ...messageEvent }),
  v.strictObject({ type: v.literal("message_edited"), ...changedMessage }),
  v.strictObject({ type: v.literal("message_deleted"), ...messageEvent }),
  v.strictObject({
    type: v.literal("reaction_changed"),
    ...changedMessage,
    reaction: v.strictObject({ emoji: v.string(), userId: id, on: v.boolean() }),
  }),
  v.strictObject({ type: v.literal("member_joined"), ...roleEvent }),
  v.strictObject({ type: v.literal("member_left"), ...eventEntries, userId: id }),
  v.strictObject({ type: v.literal("member_role_changed"), ...roleEvent }),
  v.strictObject({ type: v.literal("room_updated"), ...eventEntries, room }),
  ...callEvents,
  v.strictObject({ type: v.literal("subscribed"), offset: count }),
  v.strictObject({ type: v.literal("resync_required"), offset: count }),
]);
const textOf = { userId: id, text: v.string(), textUntil: timeOrNull };
const status = v.picklist(["online", "away", "offline"]);
const presence = v.variant("type", [
  v.strictObject({
    type: v.literal("snapshot"),
    online: v.array(id),
    away: v.array(id),
    doNotDisturb: v.array(id),
    texts: v.array(v.strictObject(textOf)),
  }),
  v.strictObject({
    type: v.literal("diff"),
    states: v.array(v.strictObject({
      ...textOf,
      status,
      doNotDisturb: v.boolean(),
      isDeactivated: v.optional(v.literal(true)),
    })),
  }),
]);
const typing = { userId: id, isTyping: v.boolean() };
const roomsChange = v.variant("type", [
  v.strictObject({ type: v.literal("snapshot"), rooms: v.array(summary) }),
  v.strictObject({ type: v.literal("room_changed"), room: summary }),
  v.strictObject({ type: v.literal("room_removed"), roomId: id }),
  v.strictObject({ type: v.literal("heads"), heads: v.record(id, count) }),
  v.strictObject({ type: v.literal("typing"), roomId: id, ...typing }),
  v.strictObject({ type: v.literal("presence"), update: presence }),
  v.strictObject({ type: v.literal("settings"), update: settings }),
  v.strictObject({ type: v.literal("signal"), update: callUpdate }),
]);
const position = v.pipe(v.string(), v.regex(/^[\w-]+\.\d+$/));
const workspace = v.strictObject({
  name: v.string(),
  membersMayInvite: v.boolean(),
  showsActivity: v.optional(v.boolean()),
  untrustedProxy: v.optional(v.string()),
  certificateEndsAt: v.optional(v.string()),
  freeBytes: v.optional(v.number()),
});

const componentState = v.picklist([
  "operational",
  "degraded_performance",
  "partial_outage",
  "major_outage",
  "under_maintenance",
  "unknown",
]);
const component = v.strictObject({
  id: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  note: v.nullable(v.string()),
  group: v.nullable(v.string()),
  position: count,
  state: componentState,
  measuredAt: timeOrNull,
  uptime90: v.nullable(v.number()),
});
const affected = v.array(v.strictObject({ id: v.string(), status: componentState }));
const storyEntries = {
  id,
  title: v.string(),
  state: v.string(),
  createdAt: time,
  updatedAt: time,
  resolvedAt: timeOrNull,
  updates: v.array(v.strictObject({
    id,
    state: v.string(),
    text: v.string(),
    html: v.string(),
    at: time,
    editedAt: timeOrNull,
    changes: v.array(v.strictObject({ id: v.string(), from: componentState, to: componentState })),
  })),
};
const incident = v.strictObject({
  ...storyEntries,
  impact: v.picklist(["none", "minor", "major", "critical"]),
  components: affected,
  startedAt: time,
  monitoringAt: timeOrNull,
});
const maintenance = v.strictObject({
  ...storyEntries,
  components: v.array(v.string()),
  startsAt: time,
  endsAt: time,
});
const announcement = v.strictObject({
  id,
  text: v.string(),
  html: v.string(),
  level: v.picklist(["info", "warning", "critical"]),
  at: time,
  expiresAt: timeOrNull,
  retractedAt: timeOrNull,
});
const roughCount = v.union([v.number(), v.literal("fewer than 5")]);
const metrics = v.strictObject({
  deliveredMs: v.nullable(v.strictObject({ p50: v.number(), p95: v.number() })),
  measuredAt: v.nullable(v.string()),
  activity: v.optional(v.strictObject({ online: roughCount, messagesToday: roughCount })),
});
const publicStatus = v.strictObject({
  page: v.strictObject({ name: v.string(), asOf: time }),
  state: componentState,
  sentence: v.string(),
  components: v.array(component),
  incidents: v.array(incident),
  maintenances: v.array(maintenance),
  announcements: v.array(announcement),
  metrics,
});
const stored = { offset: v.optional(count), at: v.optional(time) };
const statusItem = v.variant("type", [
  v.strictObject({ type: v.literal("snapshot"), ...stored, status: publicStatus }),
  v.strictObject({ type: v.literal("component"), ...stored, component }),
  v.strictObject({
    type: v.literal("incident"),
    ...stored,
    incident: v.union([incident, v.strictObject({ id, deletedAt: time })]),
  }),
  v.strictObject({ type: v.literal("maintenance"), ...stored, maintenance }),
  v.strictObject({ type: v.literal("announcement"), ...stored, announcement }),
  v.strictObject({ type: v.literal("metrics"), metrics }),
]);

function pageOf<T extends v.GenericSchema>(item: T) {
  return v.strictObject({ items: v.array(item), cursor: v.nullable(v.string()) });
}

/** By procedure path. */
export const ANSWERS: Readonly<Record<string, v.GenericSchema>> = {
  "auth.setup": me,
  "auth.register": me,
  "auth.joinAsGuest": me,
  "auth.signIn": me,
  "auth.signOut": nothing,
  "auth.me": v.nullable(me),
  "auth.sessions": v.array(
    v.strictObject({ id, createdAt: time, lastSeenAt: time, userAgent: v.string(), current: v.boolean() }),
  ),
  "auth.revokeSession": nothing,
  "auth.changePassword": nothing,
  "auth.resetPassword": me,
  "calls.start": joined,
  "calls.accept": joined,
  "calls.join": joined,
  "calls.ring": nothing,
  "calls.rang": nothing,
  "calls.decline": nothing,
  "calls.cancel": nothing,
  "calls.leave": nothing,
  "calls.media": v.strictObject({ revision: count, isMuted: v.boolean() }),
  "calls.moderate": nothing,
  "calls.fileDone": nothing,
  "calls.current": v.nullable(call),
  "calls.signal": nothing,
  "calls.poll": v.strictObject({ updates: v.array(callUpdate), cursor: v.string() }),
  "calls.iceServers": v.strictObject({
    iceServers: v.array(v.strictObject({
      urls: v.array(v.string()),
      username: v.optional(v.string()),
      credential: v.optional(v.string()),
    })),
    expiresAt: v.nullable(time),
  }),
  "calls.connectSfu": v.strictObject({ url: v.string(), token: v.string() }),
  "calls.onSignal": callUpdate,
  "invites.create": v.strictObject({ id, code: v.string(), url: v.string() }),
  "invites.list": v.array(v.strictObject({
    id,
    role,
    roomId: v.nullable(id),
    uses: count,
    maxUses: count,
    expiresAt: time,
    by: id,
  })),
  "invites.revoke": nothing,
  "invites.preview": v.strictObject({ workspaceName: v.string(), role, roomName: v.optional(v.string()) }),
  "tokens.create": v.strictObject({ id, token: v.string() }),
  "tokens.list": v.array(
    v.strictObject({
      id,
      label: v.string(),
      createdAt: time,
      lastUsedAt: timeOrNull,
      botName: v.nullable(v.string()),
    }),
  ),
  "tokens.revoke": nothing,
  "messages.send": message,
  "messages.edit": message,
  "messages.delete": message,
  "messages.react": message,
  "messages.list": v.strictObject({
    messages: v.array(message),
    hasOlder: v.boolean(),
    hasNewer: v.boolean(),
    position,
  }),
  "messages.at": v.strictObject({ offset: count }),
  "messages.since": v.strictObject({ events: v.array(event), position, resync: v.boolean() }),
  "messages.onEvent": v.strictObject({ id: position, data: event }),
  "presence.set": nothing,
  "presence.onPresence": presence,
  "rooms.list": v.array(summary),
  "rooms.get": v.union([room, summary]),
  "rooms.browse": pageOf(v.strictObject({ ...roomEntries, memberCount: count })),
  "rooms.create": room,
  "rooms.openDirect": room,
  "rooms.join": nothing,
  "rooms.leave": nothing,
  "rooms.update": room,
  "rooms.archive": room,
  "rooms.members": pageOf(v.strictObject({ user, role: roomRole, joinedAt: time })),
  "rooms.addMember": nothing,
  "rooms.removeMember": nothing,
  "rooms.setMemberRole": nothing,
  "rooms.readers": v.array(id),
  "rooms.markRead": nothing,
  "rooms.setLevel": nothing,
  "rooms.onChange": roomsChange,
  "push.key": v.strictObject({ publicKey: v.nullable(v.string()) }),
  "push.subscribe": nothing,
  "push.unsubscribe": nothing,
  "push.test": nothing,
  "settings.get": settings,
  "settings.onChange": settings,
  "settings.set": settings,
  "status.current": publicStatus,
  "status.onChange": v.union([v.strictObject({ id: position, data: statusItem }), statusItem]),
  "status.announce": v.strictObject({ id }),
  "status.retract": nothing,
  "status.openIncident": v.strictObject({ id }),
  "status.publish": nothing,
  "status.updateIncident": v.strictObject({ updateId: id }),
  "status.editUpdate": nothing,
  "status.deleteIncident": nothing,
  "status.planMaintenance": v.strictObject({ id }),
  "status.updateMaintenance": v.strictObject({ updateId: id }),
  "status.setComponent": nothing,
  "status.settings": v.strictObject({
    components: v.array(v.strictObject({
      id: v.string(),
      name: v.string(),
      description: v.string(),
      group: v.nullable(v.string()),
      position: count,
      hidden: v.boolean(),
    })),
    closedIncidents: v.array(incident),
    rooms: v.array(v.strictObject({ id, roomId: id })),
  }),
  "status.drafts": v.array(incident),
  "status.preview": v.strictObject({ html: v.string(), title: v.optional(v.string()) }),
  "typing.set": nothing,
  "typing.onTyping": v.strictObject(typing),
  "users.list": pageOf(user),
  "users.setRole": user,
  "users.deactivate": user,
  "users.rename": user,
  "users.makeResetLink": v.strictObject({ url: v.string() }),
  "workspace.get": workspace,
  "workspace.update": workspace,
};

/** The shape of an error (contract.md). */
export const ERROR = v.strictObject({
  message: v.string(),
  code: v.number(),
  data: v.strictObject({
    code: v.string(),
    httpStatus: v.number(),
    path: v.optional(v.string()),
    appCode: v.string(),
    retryAfterMs: v.optional(v.number()),
    errorId: v.optional(v.string()),
    issues: v.optional(v.array(v.strictObject({ path: v.string(), message: v.string() }))),
  }),
});

/** One answer, over WebSocket or HTTP. `result.data` and `error` have schemas of their own. */
export const FRAME = v.union([
  v.strictObject({
    id: v.optional(v.nullable(v.union([v.string(), v.number()]))),
    jsonrpc: v.optional(v.literal("2.0")),
    result: v.strictObject({
      type: v.optional(v.picklist(["data", "started", "stopped"])),
      id: v.optional(position),
      data: v.optional(v.unknown()),
    }),
  }),
  v.strictObject({
    id: v.optional(v.nullable(v.union([v.string(), v.number()]))),
    jsonrpc: v.optional(v.literal("2.0")),
    error: v.unknown(),
  }),
  v.strictObject({ id: v.null(), method: v.literal("reconnect") }),
]);

/** Server-sent events that carry no data of a procedure, by name. */
export const CONTROL_EVENTS: Readonly<Record<string, v.GenericSchema>> = {
  "connected": v.strictObject({ reconnectAfterInactivityMs: v.optional(v.number()) }),
  "ping": v.literal(""),
  "restore-id": v.literal(""),
  "return": v.literal(""),
};
