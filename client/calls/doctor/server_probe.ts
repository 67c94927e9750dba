import type { ServerFinding, ServerTransport } from "./findings.ts";

/** An unreachable server often gives no error at all. */
const PROBE_TIMEOUT_MS = 5_000;
/** Codes below it come from a server, such as 401 for wrong credentials; browsers add their own for no answer. */
const OWN_CODES_MIN = 700;
/** Relays answer these with 401, which proves that they can be reached. */
const NO_CREDENTIALS = { username: "doctor", credential: "doctor" } as const;

/** What proves to a relay that somebody is in a call. */
export interface RelayCredentials {
  readonly username: string;
  readonly credential: string;
}

/** Options of `probeServer`. */
export interface ProbeOptions {
  readonly url: string;
  /** Null outside of calls. */
  readonly credentials: RelayCredentials | null;
  readonly signal: AbortSignal;
}

/** Finds out whether a browser can reach a STUN or TURN server; takes at most 5 s. */
export async function probeServer({ url, credentials, signal }: ProbeOptions): Promise<ServerFinding> {
  const kind = /^turns?:/.test(url) ? "turn" : "stun";
  const startedAt = performance.now();
  const server = kind === "stun" ? { urls: url } : { urls: url, ...credentials ?? NO_CREDENTIALS };
  let connection: RTCPeerConnection;
  try {
    connection = new RTCPeerConnection({
      iceServers: [server],
      iceTransportPolicy: kind === "stun" ? "all" : "relay",
    });
  } catch {
    // Firefox refuses some ports.
    return { url, kind, transport: transportOf(url), state: "unreachable", afterMs: null };
  }
  try {
    const state = await gather(connection, kind, signal);
    const afterMs = state === "unreachable" ? null : performance.now() - startedAt;
    return { url, kind, transport: transportOf(url), state, afterMs };
  } finally {
    connection.close();
  }
}

async function gather(
  connection: RTCPeerConnection,
  kind: ServerFinding["kind"],
  signal: AbortSignal,
): Promise<ServerFinding["state"]> {
  const { promise, resolve } = Promise.withResolvers<ServerFinding["state"]>();
  const giveUp = () => resolve("unreachable");
  const timer = setTimeout(giveUp, PROBE_TIMEOUT_MS);
  signal.addEventListener("abort", giveUp);
  let candidateCount = 0;
  let hasFailed = false;
  connection.onicecandidate = ({ candidate }) => {
    if (candidate === null || candidate.candidate === "") return;
    candidateCount++;
    if (candidate.type === (kind === "stun" ? "srflx" : "relay")) resolve("works");
  };
  connection.onicecandidateerror = ({ errorCode }) => {
    if (errorCode < OWN_CODES_MIN) resolve("refuses");
    // Other addresses of this device may still reach it.
    else hasFailed = true;
  };
  connection.onicegatheringstatechange = () => {
    if (connection.iceGatheringState !== "complete") return;
    // A device with a public address has no second one that a STUN server could name.
    resolve(kind === "stun" && candidateCount > 0 && !hasFailed ? "works" : "unreachable");
  };
  connection.createDataChannel("probe");
  try {
    await connection.setLocalDescription();
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}

/** How a browser speaks to the server at an address. */
export function transportOf(url: string): ServerTransport {
  if (/^(?:turns|stuns):/.test(url)) return "tls";
  return /[?&]transport=tcp\b/.test(url) ? "tcp" : "udp";
}
