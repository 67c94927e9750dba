import { ATTRIBUTES, decodeStun, encodeStun, METHODS } from "./stun_message.ts";
import { encodeXorAddress } from "./xor_address.ts";
import type { SocketAddress } from "./xor_address.ts";

/** Longer datagrams are cut into pieces on the way, which no client does for this request. */
const REQUEST_MAX_BYTES = 1_280;
/** Attributes from here on may be ignored by whoever does not know them. */
const OPTIONAL_FROM = 0x8000;
/** What RFC 8489 itself defines below that. */
const KNOWN = new Set([
  0x0001,
  ATTRIBUTES.username,
  ATTRIBUTES.messageIntegrity,
  ATTRIBUTES.errorCode,
  ATTRIBUTES.unknownAttributes,
  ATTRIBUTES.realm,
  ATTRIBUTES.nonce,
  0x001c,
  0x001d,
  0x001e,
  ATTRIBUTES.xorMappedAddress,
]);
/** "Unknown Attribute", without its words. */
const UNKNOWN_ATTRIBUTE = Uint8Array.of(0, 0, 4, 20);
/** So an error is no longer than an address of IPv6. */
const UNKNOWN_MAX_COUNT = 6;

/**
 * Answers a Binding request with the address that it came from; null for anything else, so no datagram can make two
 * servers answer each other. An answer has 44 bytes at most and no room for what a sender made up, so a forged address
 * receives about as much as was sent.
 */
export function answerBinding(datagram: Uint8Array, from: SocketAddress): Uint8Array | null {
  if (datagram.length > REQUEST_MAX_BYTES) return null;
  const request = decodeStun(datagram);
  if (request === null || request.class !== "request" || request.method !== METHODS.binding) return null;
  const { method, transactionId, attributes } = request;
  const unknown = [...attributes.keys()].filter((type) => type < OPTIONAL_FROM && !KNOWN.has(type));
  if (unknown.length === 0) {
    const mapped = [[ATTRIBUTES.xorMappedAddress, encodeXorAddress(from, transactionId)]] as const;
    return encodeStun({ method, class: "success", transactionId, attributes: mapped, key: null });
  }
  const types = Uint8Array.from(
    unknown.slice(0, UNKNOWN_MAX_COUNT).flatMap((type) => [type >> 8, type & 0xff]),
  );
  return encodeStun({
    method,
    class: "error",
    transactionId,
    attributes: [[ATTRIBUTES.errorCode, UNKNOWN_ATTRIBUTE], [ATTRIBUTES.unknownAttributes, types]],
    key: null,
  });
}
