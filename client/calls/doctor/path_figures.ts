import type { PathFigures } from "./findings.ts";

/** The two connections of a call within this page; the near one sends. */
export interface PathEnds {
  readonly near: RTCPeerConnection;
  readonly far: RTCPeerConnection;
}

/** What was counted at a time. */
export interface PathReading {
  readonly at: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly packets: number;
  readonly lostPackets: number;
  readonly figures: PathFigures;
}

type Stat = Readonly<Record<string, unknown>>;

/** Reads what has passed since an earlier reading, and the way that it took. */
export async function readPathFigures(
  { near, far }: PathEnds,
  before: PathReading | null,
): Promise<PathReading> {
  const [sent, received] = [await statsOf(near), await statsOf(far)];
  const pair = findPair(sent);
  const local = sent.get(String(pair?.["localCandidateId"]));
  const remote = sent.get(String(pair?.["remoteCandidateId"]));
  const inbound = [...received.values()].filter(({ type }) => type === "inbound-rtp");
  const sum = (key: string) => inbound.reduce((total, stat) => total + numberOf(stat, key), 0);
  const counts = {
    at: performance.now(),
    sentBytes: numberOf(pair, "bytesSent"),
    receivedBytes: numberOf(findPair(received), "bytesReceived"),
    packets: sum("packetsReceived"),
    lostPackets: Math.max(0, sum("packetsLost")),
  };
  const seconds = before === null ? 0 : (counts.at - before.at) / 1_000;
  const rate = (bytes: number, earlier: number) => seconds === 0 ? 0 : (bytes - earlier) * 8 / seconds;
  const lost = counts.lostPackets - (before?.lostPackets ?? 0);
  const total = counts.packets - (before?.packets ?? 0) + lost;
  const roundTrip = pair?.["currentRoundTripTime"];
  return {
    ...counts,
    figures: {
      roundTripMs: typeof roundTrip === "number" ? roundTrip * 1_000 : null,
      lossPercent: total <= 0 ? null : lost / total * 100,
      sentBitsPerSecond: rate(counts.sentBytes, before?.sentBytes ?? 0),
      receivedBitsPerSecond: rate(counts.receivedBytes, before?.receivedBytes ?? 0),
      localType: textOf(local, "candidateType"),
      remoteType: textOf(remote, "candidateType"),
      protocol: textOf(local, "protocol"),
      relayProtocol: textOf(local, "relayProtocol"),
    },
  };
}

async function statsOf(connection: RTCPeerConnection): Promise<Map<string, Stat>> {
  const stats = new Map<string, Stat>();
  (await connection.getStats()).forEach((stat: Stat, id: string) => stats.set(id, stat));
  return stats;
}

/** The pair in use; Firefox does not name it at the transport. */
function findPair(stats: ReadonlyMap<string, Stat>): Stat | undefined {
  const all = [...stats.values()];
  const named = all.find(({ type }) => type === "transport")?.["selectedCandidatePairId"];
  return stats.get(String(named)) ??
    all.find((stat) =>
      stat["type"] === "candidate-pair" && stat["nominated"] === true && stat["state"] === "succeeded"
    );
}

function numberOf(stat: Stat | undefined, key: string): number {
  const value = stat?.[key];
  return typeof value === "number" ? value : 0;
}

function textOf(stat: Stat | undefined, key: string): string | null {
  const value = stat?.[key];
  return typeof value === "string" ? value : null;
}
