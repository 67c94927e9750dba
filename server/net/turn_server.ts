/** How a relay is reached; `tls` is TLS over TCP. */
export type TurnTransport = "udp" | "tcp" | "tls";

/** One relay for calls. */
export interface TurnServer {
  /** As browsers take it. */
  readonly url: string;
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly transport: TurnTransport;
}

const DEFAULT_PORTS = { turn: 3478, turns: 5349 } as const;
const PATTERN =
  /^(?<scheme>turns?):(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9.-]+))(?::(?<port>\d{1,5}))?(?:\?transport=(?<transport>udp|tcp))?$/i;

/** Reads an address of RFC 7065; null if it is none, or one that browsers cannot use. */
export function parseTurnServer(url: string): TurnServer | null {
  const { scheme, v6, name, port, transport } = PATTERN.exec(url)?.groups ?? {};
  const host = (v6 ?? name)?.toLowerCase();
  if (scheme === undefined || host === undefined || !URL.canParse(`http://${v6 ? `[${v6}]` : host}`)) {
    return null;
  }
  const isTls = scheme.toLowerCase() === "turns";
  const portNumber = port === undefined ? DEFAULT_PORTS[isTls ? "turns" : "turn"] : Number(port);
  // Browsers have no DTLS to relays.
  if (portNumber < 1 || portNumber > 65_535 || isTls && transport?.toLowerCase() === "udp") return null;
  const plain = transport?.toLowerCase() === "tcp" ? "tcp" : "udp";
  return { url, host, port: portNumber, transport: isTls ? "tls" : plain };
}
