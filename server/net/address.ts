import { BlockList, isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Networks in CIDR notation, for example those of trusted proxies. */
export class AddressRanges {
  readonly #list = new BlockList();

  /** Adds a network such as `10.0.0.0/8`, or a single address; false if it is neither. */
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

  /** Whether an address is in one of the networks. */
  has(address: string): boolean {
    const family = familyOf(address);
    return family !== null && this.#list.check(address, family);
  }
}

/** Whether an address or host name can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * Returns the address of the client: the peer or, if the peer is a trusted proxy, the rightmost address in
 * X-Forwarded-For that is not a trusted proxy. Clients can forge everything to the left of it.
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

/** The subject of limits: the IPv4 address, or the IPv6 /64, which is what one customer gets. */
export function limitSubject(address: string): string {
  return limitSubjects(address)[0];
}

/** Like `limitSubject`, followed by the wider networks that a single customer may own: /56 and /48 of IPv6. */
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

/** Writes IPv4-mapped IPv6 addresses (`::ffff:1.2.3.4`) as IPv4, and removes zone, brackets and port. */
export function plainAddress(text: string): string {
  const address = text.replace(/^\[|\](:\d+)?$/g, "").replace(/%.*/s, "").toLowerCase();
  return familyOf(address) === "ipv6" ? ipaddr.process(address).toString() : address;
}

function familyOf(address: string): "ipv4" | "ipv6" | null {
  const version = isIP(address);
  if (version === 0) return null;
  return version === 4 ? "ipv4" : "ipv6";
}
