import ipaddr from "ipaddr.js";

const FAMILIES = { ipv4: 1, ipv6: 2 } as const;
/** With the cookie, what addresses are combined with, so that no router on the way rewrites them. */
const COOKIE = [0x21, 0x12, 0xa4, 0x42] as const;

/** Where a datagram comes from, or goes. */
export interface SocketAddress {
  /** IPv4 or IPv6, without a zone. */
  readonly address: string;
  readonly port: number;
}

/** Encodes the value of XOR-MAPPED-ADDRESS and its kind (RFC 8489, 14.2). */
export function encodeXorAddress({ address, port }: SocketAddress, transactionId: Uint8Array): Uint8Array {
  const parsed = ipaddr.parse(address);
  const mask = [...COOKIE, ...transactionId];
  const bytes = parsed.toByteArray().map((byte, index) => byte ^ (mask[index] ?? 0));
  return Uint8Array.of(
    0,
    FAMILIES[parsed.kind()],
    port >> 8 ^ COOKIE[0],
    port & 0xff ^ COOKIE[1],
    ...bytes,
  );
}

/** Decodes such a value; null if it is none. */
export function decodeXorAddress(value: Uint8Array, transactionId: Uint8Array): SocketAddress | null {
  const [, family, high = 0, low = 0, ...rest] = value;
  if (rest.length !== (family === FAMILIES.ipv4 ? 4 : family === FAMILIES.ipv6 ? 16 : -1)) return null;
  const mask = [...COOKIE, ...transactionId];
  const bytes = rest.map((byte, index) => byte ^ (mask[index] ?? 0));
  return {
    address: ipaddr.fromByteArray(bytes).toString(),
    port: (high ^ COOKIE[0]) << 8 | low ^ COOKIE[1],
  };
}
