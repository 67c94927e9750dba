/** Opaque identifiers. All are strings on the wire; the brand keeps their types apart. */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** An account. */
export type UserId = Id<"UserId">;
/** A room, public, private or direct. */
export type RoomId = Id<"RoomId">;
/** Signed-in state of a user on one device. */
export type SessionId = Id<"SessionId">;
/** A bearer token of a program. */
export type TokenId = Id<"TokenId">;
/** An invitation. */
export type InviteId = Id<"InviteId">;
/** An incident, maintenance or announcement of the status page, or one of their updates. */
export type StatusId = Id<"StatusId">;
/** One open WebSocket; a user may have several. */
export type ConnectionId = Id<"ConnectionId">;
/** One tab of a browser, or one run of a program; it makes the id itself. */
export type TabId = Id<"TabId">;
/** One call in a room. */
export type CallId = Id<"CallId">;
/** One device in a call; its signals are addressed to it. */
export type ParticipantId = Id<"ParticipantId">;

/** 96 random bits as base64url (RFC 4648 §5). */
const ID_PATTERN = /^[A-Za-z0-9_-]{16}$/;

/** Whether `value` has the form of an id, not whether it exists. */
export function isId(value: string): boolean {
  return ID_PATTERN.test(value);
}

/** Returns a random id of 96 bits. */
export function newId<
  T extends
    | UserId
    | RoomId
    | SessionId
    | TokenId
    | InviteId
    | StatusId
    | ConnectionId
    | TabId
    | CallId
    | ParticipantId,
>(): T {
  return randomText(12) as T;
}

/** Returns a random secret of 256 bits, for session and bearer tokens. */
export function newSecret(): string {
  return randomText(32);
}

/** Returns a random invite code of 128 bits. */
export function newInviteCode(): string {
  return randomText(16);
}

function randomText(byteCount: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(byteCount));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
