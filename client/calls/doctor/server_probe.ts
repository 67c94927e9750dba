import type { ServerFinding, ServerTransport } from "./findings.ts";

/** An unreachable server often gives no error at all. */
const PROBE_TIMEOUT_MS = 5_000;
/** Codes of servers are from 300 to 699; browsers add their own, such as 701, for no answer. */
const [SERVER_CODES_MIN, SERVER_CODES_MAX] = [300, 699];
/** What a server's code says; any other one is a failure. */
const STATES: ReadonlyMap<number, ServerFinding["state"]> = new Map([
  [401, "refuses"],
  [431, "refuses"],
  [441, "refuses"],
  [438, "stale"],
  [486, "full"],
  [508, "full"],
]);
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
    return { url, kind, transport: transportOf(url), ...SILENCE, afterMs: null };
  }
  try {
    const answer = await gather(connection, kind, signal);
    const afterMs = answer.state === "unreachable" ? null : performance.now() - startedAt;
    return { url, kind, transport: transportOf(url), ...answer, afterMs };
  } finally {
    connection.close();
  }
}

type Answer = Pick<ServerFinding, "state" | "errorCode">;

const SILENCE: Answer = { state: "unreachable", errorCode: null };
const SUCCESS: Answer = { state: "works", errorCode: null };

async function gather(
  connection: RTCPeerConnection,
  kind: ServerFinding["kind"],
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const giveUp = () => resolve(SILENCE);
  const timer = setTimeout(giveUp, PROBE_TIMEOUT_MS);
  signal.addEventListener("abort", giveUp);
  let candidateCount = 0;
  let hasFailed = false;
  connection.onicecandidate = ({ candidate }) => {
    if (candidate === null || candidate.candidate === "") return;
    candidateCount++;
    if (candidate.type === (kind === "stun" ? "srflx" : "relay")) resolve(SUCCESS);
  };
  connection.onicecandidateerror = ({ errorCode }) => {
    if (errorCode >= SERVER_CODES_MIN && errorCode <= SERVER_CODES_MAX) {
      resolve({ state: STATES.get(errorCode) ?? "fails", errorCode });
    } else {
      // Other addresses of this device may still reach it.
      hasFailed = true;
    }
  };
  connection.onicegatheringstatechange = () => {
    if (connection.iceGatheringState !== "complete") return;
    // A device with a public address has no second one that a STUN server could name.
    resolve(kind === "stun" && candidateCount > 0 && !hasFailed ? SUCCESS : SILENCE);
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
