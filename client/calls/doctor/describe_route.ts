import type { LinkFigures } from "../call_parts.ts";

/** The way that media takes, as statistics tell it. */
export type Route = Pick<LinkFigures, "localType" | "remoteType" | "protocol" | "relayProtocol">;

/** Names the way of media: "Direct · UDP", "LiveKit · UDP", "Relay · TLS"; null while there is none. */
export function describeRoute(route: Route, isSfu = false): string | null {
  const { localType, remoteType, protocol, relayProtocol } = route;
  if (localType === null) return null;
  if (localType === "relay") return `Relay · ${(relayProtocol ?? protocol ?? "udp").toUpperCase()}`;
  if (isSfu) return `LiveKit · ${(protocol ?? "udp").toUpperCase()}`;
  // How the other side reaches its relay is not known here.
  if (remoteType === "relay") return `Their relay · ${(protocol ?? "udp").toUpperCase()}`;
  return `Direct · ${(protocol ?? "udp").toUpperCase()}`;
}

/** Writes a bit rate with its unit: "640 kbit/s", "1.2 Mbit/s". */
export function formatBitRate(bitsPerSecond: number): string {
  if (bitsPerSecond >= 999_500) return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(bitsPerSecond / 1_000)} kbit/s`;
}

/** Writes a percentage: small ones with one digit, so that 0.4% is not nothing. */
export function formatPercent(percent: number): string {
  return `${percent === 0 || percent >= 10 ? Math.round(percent) : percent.toFixed(1)}%`;
}
