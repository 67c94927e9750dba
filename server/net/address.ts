import { BlockList, isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Networks in CIDR notation, such as those of trusted proxies. */
export class AddressRanges {
  readonly #list = new BlockList();

  /** Reads one network, `10.0.0.0/8` or a plain address; false when it is neither. */
  add(text: string): boolean {
    const [address = "", bits, ...rest] = text.split("/");
    const family = familyOf(address);
    if (family === null || rest.length > 0) return false;
    const width = family === "ipv4" ? 32 : 128;
    if (bits === undefined) {
      this.#list.addAddress(address, family);
      return true;
    }
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > width) return false;
    this.#list.addSubnet(address, Number(bits), family);
    return true;
  }

  /** Says whether an address lies in one of the networks. */
  has(address: string): boolean {
    const family = familyOf(address);
    return family !== null && this.#list.check(address, family);
  }
}

/** Says whether only programs on this machine can reach an address or host name. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * Finds who really asks: the peer, or, when the peer is a trusted proxy, the right-most address of
 * X-Forwarded-For that is not one. Whatever stands further left can be made up by the client.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: AddressRanges,
): string {
  let address = plainAddress(peer ?? "");
  if (forwardedFor === undefined) return address;
  for (const hop of forwardedFor.split(",").reverse()) {
    if (!trusted.has(address)) break;
    const next = plainAddress(hop.trim());
    if (familyOf(next) === null) break;
    address = next;
  }
  return address;
}

/** The subject of limits: the exact IPv4 address, or the /64 that one IPv6 customer has. */
export function limitSubject(address: string): string {
  return limitSubjects(address)[0];
}

/** The subject of limits first, then the wider networks of which one customer may hold all: /56 and /48 of IPv6. */
export function limitSubjects(address: string): readonly [narrowest: string, ...wider: string[]] {
  if (familyOf(address) !== "ipv6") return [address];
  const { parts } = ipaddr.IPv6.parse(address);
  const [a, b, c, d] = parts.map((group) => group.toString(16));
  return [
    `${a}:${b}:${c}:${d}::/64`,
    `${a}:${b}:${c}:${((parts[3] ?? 0) & 0xff00).toString(16)}::/56`,
    `${a}:${b}:${c}::/48`,
  ];
}

/** Writes an IPv4 address inside IPv6 (`::ffff:1.2.3.4`) as IPv4, and drops zone, brackets and port. */
export function plainAddress(text: string): string {
  const address = text.replace(/^\[|\](:\d+)?$/g, "").replace(/%.*/s, "").toLowerCase();
  return familyOf(address) === "ipv6" ? ipaddr.process(address).toString() : address;
}

function familyOf(address: string): "ipv4" | "ipv6" | null {
  const version = isIP(address);
  if (version === 0) return null;
  return version === 4 ? "ipv4" : "ipv6";
}
