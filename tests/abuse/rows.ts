import { MESSAGE_MAX_CODE_POINTS, PUBLIC_TEXT_MAX_CODE_POINTS } from "../../shared/limits.ts";
import { pushSubscription } from "../support/push_subscription.ts";
import { PUBLIC_ROWS } from "./public_rows.ts";
import type { PublicRow } from "./public_rows.ts";

/** What an attacker knows and may use. */
export interface World {
  readonly userId: string;
  /** A public room with a hundred messages of maximum size, and large reactions. */
  readonly roomId: string;
  /** A private room that the attacker created, with other members. */
  readonly ownRoomId: string;
  /** A public room that the attacker has not joined. */
  readonly otherRoomId: string;
  /** The position at the head of `roomId`, and one a hundred events before it. */
  readonly head: string;
  readonly earlier: string;
  /** Offset of a message by the attacker in `ownRoomId`. */
  readonly offset: number;
  readonly headOffset: number;
  /** People that the attack may affect. */
  readonly userIds: readonly string[];
  readonly memberInvite: string;
  readonly guestInvite: string;
  /** Public incidents, each with one of its updates, and the ends of the public stream. */
  readonly incidents: readonly { readonly id: string; readonly updateId: string }[];
  readonly statusStart: string;
  readonly statusHead: string;
  /** Files of the client. */
  readonly filePaths: readonly string[];
  /** Makes names and ids of this attacker unique. */
  readonly tag: string;
  /** A session of somebody in `ownRoomId`, who joins the call that the attacker starts there. */
  readonly peerSession: string;
  /** That call and its two participants, for rows that are in it. */
  readonly call: LiveCall;
}

/** A call that goes on during the attack. */
export interface LiveCall {
  readonly callId: string;
  readonly participantId: string;
  readonly peerId: string;
}

/** How one procedure is abused: valid inputs that are as expensive as possible. */
export interface AbuseRow {
  /** A member by default. */
  readonly as?: "admin";
  /** The attacker is in two hundred rooms. */
  readonly hasRooms?: boolean;
  /** The attacker is in a call with somebody else. */
  readonly isInCall?: true;
  /** The procedure, unless the row is named after it. */
  readonly path?: string;
  /** Sends this many HTTP batches at a time, and nothing over sockets. */
  readonly batchesAtOnceCount?: number;
  readonly input: (world: World, index: number) => unknown;
}

const LARGE_EDIT = "🌊".repeat(MESSAGE_MAX_CODE_POINTS - 20);
const MARKED_TEXT = "**🌊** _b_ [c](https://d.ef/g) https://h.ij/k ";
const MARKED_COUNT = Math.floor(PUBLIC_TEXT_MAX_CODE_POINTS / [...MARKED_TEXT].length) - 1;
/** A text with much to parse, which nobody has parsed before. */
const publicText = (index: number) => `${index} ${MARKED_TEXT.repeat(MARKED_COUNT)}`;
const PASSWORD = "p".repeat(256);
/** A valid id that does not exist. */
const idOf = (index: number) => `abuse${String(index).padStart(11, "0")}`;
/** The tab that is in the call of the attacker, and of whoever joins it. */
export const TAB_ID = "tab-of-attacker1";
export const MEDIA = { mic: true, cam: true };
const inCall = ({ call: { callId } }: World) => ({ callId, tabId: TAB_ID });
const isEven = (index: number) => index % 2 === 0;
const someone = (world: World, index: number) => world.userIds[index % world.userIds.length];
const room = ({ roomId }: World) => ({ roomId });
const ownRoom = ({ ownRoomId }: World) => ({ roomId: ownRoomId });
const nothing = () => undefined;

/** As long as one frame takes. */
const LONG_FILES = Array.from({ length: 50 }, (_, index) => ({ name: "\uFB2C".repeat(350), bytes: index }));

/** One row for each procedure. */
export const ABUSE_ROWS: Readonly<Record<string, AbuseRow>> = {
  "auth.setup": { input: (_, index) => ({ token: `t${index}`, name: `Owner ${index}`, password: PASSWORD }) },
  "auth.register": {
    input: ({ memberInvite, tag }, index) => ({
      invite: memberInvite,
      name: `${tag} r${index}`,
      password: PASSWORD,
    }),
  },
  "auth.joinAsGuest": {
    input: ({ guestInvite, tag }, index) => ({ invite: guestInvite, name: `${tag} g${index}` }),
  },
  "auth.signIn": {
    input: (_, index) => ({
      name: `Honest ${index % 20}`,
      password: `${PASSWORD.slice(9)}${index}`.slice(0, 256),
    }),
  },
  "auth.signOut": { input: nothing },
  "auth.me": { input: nothing },
  "auth.sessions": { input: nothing },
  "auth.revokeSession": { input: (_, index) => ({ sessionId: idOf(index) }) },
  "auth.changePassword": { input: (_, index) => ({ current: `wrong ${index}`, next: PASSWORD }) },
  "auth.resetPassword": { input: (_, index) => ({ token: `t${index}`, password: PASSWORD }) },
  "calls.start": {
    // Each start ends the call in the other room.
    input: ({ roomId, ownRoomId }, index) => ({
      roomId: isEven(index) ? roomId : ownRoomId,
      tabId: TAB_ID,
      media: MEDIA,
      // Refused outside of direct rooms, after the longest list has been read.
      ...index % 4 < 2 ? {} : { purpose: "files", files: LONG_FILES },
    }),
  },
  "calls.accept": { isInCall: true, input: (world) => ({ ...inCall(world), media: MEDIA }) },
  "calls.join": { isInCall: true, input: (world) => ({ ...inCall(world), media: MEDIA }) },
  "calls.ring": {
    isInCall: true,
    input: (world, index) => ({ ...inCall(world), userId: someone(world, index % 5) }),
  },
  "calls.rang": { isInCall: true, input: inCall },
  "calls.decline": { isInCall: true, input: (world) => ({ ...inCall(world), reason: "declined" }) },
  "calls.cancel": { isInCall: true, input: inCall },
  "calls.leave": { isInCall: true, input: inCall },
  "calls.media": {
    isInCall: true,
    input: (world, index) => ({
      ...inCall(world),
      ...MEDIA,
      screen: isEven(index),
      screenAudio: isEven(index),
      hand: isEven(index),
    }),
  },
  "calls.moderate": {
    isInCall: true,
    input: (world, index) => ({
      ...inCall(world),
      participantId: world.call.peerId,
      action: index % 500 === 499 ? "remove" : "mute",
    }),
  },
  "calls.fileDone": {
    isInCall: true,
    input: (world, index) => ({
      ...inCall(world),
      from: world.call.peerId,
      // One character that is normalized to three.
      name: "\uFB2C".repeat(1_000),
      bytes: index,
    }),
  },
  "calls.current": { isInCall: true, input: (world, index) => isEven(index) ? room(world) : ownRoom(world) },
  "calls.signal": {
    isInCall: true,
    input: (world, index) => ({
      ...inCall(world),
      to: world.call.peerId,
      epoch: 1,
      seq: index,
      kind: "offer",
      payload: "x".repeat(32_768),
    }),
  },
  "calls.poll": {
    hasRooms: true,
    isInCall: true,
    input: (_, index) => ({ tabId: isEven(index) ? TAB_ID : idOf(index), cursor: null, waitMs: 25_000 }),
  },
  "calls.iceServers": {
    isInCall: true,
    input: ({ call: { callId } }, index) => ({ callId: isEven(index) ? callId : null }),
  },
  "calls.connectSfu": { isInCall: true, input: ({ call: { callId } }) => ({ callId }) },
  "calls.onSignal": {
    hasRooms: true,
    isInCall: true,
    input: (_, index) => ({ tabId: isEven(index) ? TAB_ID : idOf(index) }),
  },
  "invites.create": { as: "admin", input: ({ roomId }) => ({ role: "guest", roomId }) },
  "invites.list": { as: "admin", input: nothing },
  "invites.revoke": { as: "admin", input: (_, index) => ({ inviteId: idOf(index) }) },
  "invites.preview": { input: ({ guestInvite }) => ({ invite: guestInvite }) },
  "messages.send": {
    input: ({ ownRoomId, tag }, index) => ({
      roomId: ownRoomId,
      clientMessageId: `${tag}-${index}`.replaceAll(" ", ""),
      text: index % 20 === 0 ? "@".repeat(MESSAGE_MAX_CODE_POINTS) : "x".repeat(2_000),
    }),
  },
  "messages.edit": {
    input: ({ ownRoomId, offset }, index) => ({
      roomId: ownRoomId,
      offset,
      text: `${index} ${LARGE_EDIT}`,
    }),
  },
  "messages.delete": {
    input: ({ ownRoomId, headOffset }, index) => ({ roomId: ownRoomId, offset: 1 + index % headOffset }),
  },
  "messages.react": {
    input: ({ roomId, headOffset }, index) => ({
      roomId,
      offset: headOffset,
      emoji: "👍",
      on: isEven(index),
    }),
  },
  "messages.list": { input: (world) => ({ ...room(world), limit: 100 }) },
  "messages.at": { input: (world) => ({ ...room(world), time: "2030-01-31T12:00:00Z" }) },
  "messages.since": {
    input: (world, index) => ({
      ...room(world),
      position: isEven(index) ? world.head : world.earlier,
      waitMs: 25_000,
    }),
  },
  "messages.onEvent": { input: (world) => ({ ...room(world), lastEventId: world.earlier }) },
  "presence.set": {
    input: (_, index) => ({ status: isEven(index) ? "online" : "away", text: `At sea ${index}` }),
  },
  "presence.onPresence": { input: nothing },
  "push.key": { input: nothing },
  "push.subscribe": { input: (_, index) => ({ subscription: pushSubscription(index) }) },
  "push.unsubscribe": { input: (_, index) => ({ endpoint: pushSubscription(index).endpoint }) },
  "push.test": { input: nothing },
  "rooms.list": { hasRooms: true, input: nothing },
  "rooms.get": { input: room },
  "rooms.browse": { input: () => ({ query: "o", limit: 100 }) },
  "rooms.create": {
    input: ({ tag }, index) => ({ name: `${tag} ${index}`, kind: isEven(index) ? "public" : "private" }),
  },
  "rooms.openDirect": { input: (world, index) => ({ userId: someone(world, index) }) },
  "rooms.join": {
    input: ({ otherRoomId, roomId }, index) => ({ roomId: isEven(index) ? otherRoomId : roomId }),
  },
  "rooms.leave": { input: ({ otherRoomId }) => ({ roomId: otherRoomId }) },
  "rooms.update": {
    input: (world, index) => ({
      ...ownRoom(world),
      name: `${world.tag} n${index}`,
      topic: "t".repeat(200 + index % 9),
    }),
  },
  "rooms.archive": { input: (world, index) => ({ ...ownRoom(world), on: isEven(index) }) },
  "rooms.members": { input: (world) => ({ ...room(world), limit: 100 }) },
  "rooms.addMember": { input: (world, index) => ({ ...ownRoom(world), userId: someone(world, index) }) },
  "rooms.removeMember": { input: (world, index) => ({ ...ownRoom(world), userId: someone(world, index) }) },
  "rooms.setMemberRole": {
    input: (world, index) => ({
      ...ownRoom(world),
      userId: someone(world, index % 5),
      role: isEven(index) ? "moderator" : "member",
    }),
  },
  "rooms.readers": { input: (world, index) => ({ ...room(world), offset: index % 90 }) },
  "rooms.markRead": { input: (world, index) => ({ ...room(world), offset: index % 90, unread: true }) },
  "rooms.setLevel": {
    input: (world, index) => ({ ...room(world), level: isEven(index) ? "all" : "none" }),
  },
  "rooms.onChange": { hasRooms: true, input: () => ({ also: ["typing", "presence"] }) },
  "settings.get": { input: nothing },
  "settings.onChange": { input: nothing },
  "settings.set": {
    hasRooms: true,
    input: (_, index) => ({
      level: isEven(index) ? "mentions" : "all",
      timeZone: "America/Argentina/Buenos_Aires",
      quietHours: { from: "22:00", to: "07:00" },
    }),
  },
  "status.current": { input: nothing },
  "status.onChange": { input: () => ({ lastEventId: "epoch.0" }) },
  "status.announce": { as: "admin", input: (_, index) => ({ text: publicText(index), level: "critical" }) },
  "status.retract": { as: "admin", input: (_, index) => ({ id: idOf(index) }) },
  "status.openIncident": {
    as: "admin",
    input: (_, index) => ({
      title: `Calls ${index}`,
      text: publicText(index),
      components: [{ id: "messages", status: "major_outage" }],
    }),
  },
  "status.publish": { as: "admin", input: (_, index) => ({ id: idOf(index) }) },
  "status.updateIncident": {
    as: "admin",
    input: ({ incidents }, index) => ({
      id: incidents[index % incidents.length]?.id,
      state: "identified",
      text: publicText(index),
    }),
  },
  "status.editUpdate": {
    as: "admin",
    input: ({ incidents }, index) => ({ ...incidents[index % incidents.length], text: publicText(index) }),
  },
  "status.deleteIncident": { as: "admin", input: (_, index) => ({ id: idOf(index) }) },
  "status.planMaintenance": {
    as: "admin",
    input: (_, index) => ({
      title: `Move ${index}`,
      text: publicText(index),
      components: ["storage"],
      startsAt: "2040-01-01T00:00:00Z",
      endsAt: "2040-01-02T00:00:00Z",
    }),
  },
  "status.updateMaintenance": {
    as: "admin",
    input: (_, index) => ({ id: idOf(index), state: "in_progress", text: publicText(index) }),
  },
  "status.setComponent": { as: "admin", input: (_, index) => ({ id: "live", position: index }) },
  "status.settings": { as: "admin", input: nothing },
  "status.drafts": { as: "admin", input: nothing },
  "status.preview": { as: "admin", input: (_, index) => ({ text: publicText(index) }) },
  "tokens.create": {
    input: ({ tag }, index) => ({ label: "l".repeat(80), bot: { name: `${tag} b${index}` } }),
  },
  "tokens.list": { input: nothing },
  "tokens.revoke": { input: (_, index) => ({ tokenId: idOf(index) }) },
  "typing.set": { input: (world, index) => ({ ...room(world), isTyping: isEven(index) }) },
  "typing.onTyping": { input: room },
  "users.list": { input: () => ({ limit: 100 }) },
  "users.setRole": {
    as: "admin",
    input: (world, index) => ({ userId: someone(world, index), role: isEven(index) ? "member" : "guest" }),
  },
  "users.deactivate": { as: "admin", input: (world, index) => ({ userId: someone(world, index) }) },
  "users.rename": { input: ({ tag }, index) => ({ name: `${tag} m${index}` }) },
  "users.makeResetLink": { as: "admin", input: (world, index) => ({ userId: someone(world, index) }) },
  "workspace.get": { input: nothing },
  "workspace.update": {
    as: "admin",
    input: (_, index) => ({ name: `Harbour ${index}`, membersMayInvite: isEven(index) }),
  },
};

/** Attacks that need no socket: what many batches build at a time is in memory together. */
export const BATCH_ROWS: Readonly<Record<string, AbuseRow>> = {
  "batches of messages.list": {
    path: "messages.list",
    batchesAtOnceCount: 40,
    input: (world) => ({ ...room(world), limit: 100 }),
  },
};

/** All attacks by name. */
export const ATTACK_ROWS: Readonly<Record<string, AbuseRow | PublicRow>> = {
  ...ABUSE_ROWS,
  ...BATCH_ROWS,
  ...PUBLIC_ROWS,
};
