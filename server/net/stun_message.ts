import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

/** Methods of STUN and TURN that are used here. */
export const METHODS = { binding: 0x001, allocate: 0x003, refresh: 0x004, createPermission: 0x008 } as const;
/** Attributes that are used here. */
export const ATTRIBUTES = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
  fingerprint: 0x8028,
} as const;

/** The kind of a message: a request, or one of its two answers. */
export type StunClass = "request" | "success" | "error";

const CLASS_BITS: Readonly<Record<StunClass, number>> = { request: 0x000, success: 0x100, error: 0x110 };
const COOKIE = 0x2112a442;
/** Tells the checksum of a message from that of a packet around it. */
const FINGERPRINT_MASK = 0x5354554e;
const HEADER_BYTES = 20;
const ATTRIBUTE_HEADER_BYTES = 4;
const INTEGRITY_BYTES = 20;
const FINGERPRINT_BYTES = 4;
const TRANSACTION_ID_BYTES = 12;

/** A message to send. */
export interface StunMessage {
  readonly method: number;
  /** A request by default. */
  readonly class?: StunClass;
  readonly transactionId: Uint8Array;
  readonly attributes: readonly (readonly [type: number, value: Uint8Array])[];
  /** Signs the message; null for one without credentials. */
  readonly key: Uint8Array | null;
}

/** A message that came in, checked for its form only. */
export interface DecodedStun {
  readonly method: number;
  readonly class: StunClass;
  readonly transactionId: Uint8Array;
  /** The first of each type, as RFC 8489 demands; none behind the signature counts. */
  readonly attributes: ReadonlyMap<number, Uint8Array>;
  /** Whether it was signed with a key. */
  isSignedWith(key: Uint8Array): boolean;
}

/** An id that nobody can guess. */
export function newTransactionId(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(TRANSACTION_ID_BYTES));
}

/** Key of long-term credentials; that it is MD5 is part of the protocol. */
export function longTermKey(username: string, realm: string, password: string): Uint8Array {
  return createHash("md5").update(`${username}:${realm}:${password}`).digest();
}

/** Encodes a message, with its signature last. */
export function encodeStun({ attributes, key, ...head }: StunMessage): Uint8Array {
  const parts = attributes.map(([type, value]) => attribute(type, value));
  const unsigned = message(head, parts, 0);
  if (key === null) return unsigned;
  // The length that is signed counts the signature.
  const signed = message(head, parts, ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES);
  return join([signed, attribute(ATTRIBUTES.messageIntegrity, sign(signed, key))]);
}

/** Decodes a message; null for anything else, and for one whose fingerprint is wrong. */
export function decodeStun(bytes: Uint8Array): DecodedStun | null {
  const size = stunSize(bytes);
  if (size === null || size !== bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint16(0);
  const found = Object.entries(CLASS_BITS).find(([, bits]) => bits === (type & 0x110));
  if (found === undefined) return null;
  const attributes = new Map<number, Uint8Array>();
  let integrityAt: number | null = null;
  for (let at = HEADER_BYTES; at < size;) {
    if (at + ATTRIBUTE_HEADER_BYTES > size) return null;
    const attributeType = view.getUint16(at);
    const from = at + ATTRIBUTE_HEADER_BYTES;
    const to = from + view.getUint16(at + 2);
    if (to > size) return null;
    if (integrityAt === null && !attributes.has(attributeType)) {
      attributes.set(attributeType, bytes.subarray(from, to));
    }
    if (attributeType === ATTRIBUTES.messageIntegrity) integrityAt ??= at;
    if (attributeType === ATTRIBUTES.fingerprint && !isFingerprint(bytes, at)) return null;
    at = from + padded(to - from);
  }
  return {
    // The bits of the class lie between those of the method.
    method: (type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2,
    class: found[0] as StunClass,
    transactionId: bytes.subarray(8, HEADER_BYTES),
    attributes,
    isSignedWith(key) {
      if (integrityAt === null) return false;
      const signed = bytes.slice(0, integrityAt);
      const bodyBytes = integrityAt - HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES;
      new DataView(signed.buffer).setUint16(2, bodyBytes);
      const given = attributes.get(ATTRIBUTES.messageIntegrity);
      return given?.length === INTEGRITY_BYTES && timingSafeEqual(given, sign(signed, key));
    },
  };
}

/** Size of the message that begins with `bytes`; null where they begin none, or its header is not complete. */
export function stunSize(bytes: Uint8Array): number | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bodyBytes = view.getUint16(2);
  const isStun = view.getUint16(0) < 0x4000 && view.getUint32(4) === COOKIE && bodyBytes % 4 === 0;
  return isStun ? HEADER_BYTES + bodyBytes : null;
}

/** The number in an error, such as 401; null where there is none. */
export function errorCodeOf({ attributes }: DecodedStun): number | null {
  const [, , hundreds, rest] = attributes.get(ATTRIBUTES.errorCode) ?? [];
  return hundreds === undefined || rest === undefined ? null : (hundreds & 0x7) * 100 + rest;
}

function message(
  { method, class: kind = "request", transactionId }: Pick<StunMessage, "method" | "class" | "transactionId">,
  parts: readonly Uint8Array[],
  moreBytes: number,
): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint16(0, CLASS_BITS[kind] | method & 0x000f | (method & 0x0070) << 1 | (method & 0x0f80) << 2);
  view.setUint16(2, parts.reduce((sum, { length }) => sum + length, moreBytes));
  view.setUint32(4, COOKIE);
  header.set(transactionId, 8);
  return join([header, ...parts]);
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ATTRIBUTE_HEADER_BYTES + padded(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type);
  view.setUint16(2, value.length);
  bytes.set(value, ATTRIBUTE_HEADER_BYTES);
  return bytes;
}

/** Whether the attribute at `at` is the last one, and the checksum of all before it. */
function isFingerprint(bytes: Uint8Array, at: number): boolean {
  if (at + ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES !== bytes.length) return false;
  const given = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + ATTRIBUTE_HEADER_BYTES);
  return given === (crc32(bytes.subarray(0, at)) ^ FINGERPRINT_MASK) >>> 0;
}

function sign(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return createHmac("sha1", key).update(bytes).digest();
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
