import type { PacketCounts } from "../../../shared/call/media_watch.ts";
import type { PathCounts } from "../../../shared/call/path_watch.ts";
import { MEDIA_KINDS } from "../call_parts.ts";
import type { LinkFigures } from "../call_parts.ts";

/** Counters of a connection at one moment. */
export interface LinkCounts extends PathCounts {
  readonly packets: PacketCounts;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsLost: number;
  readonly roundTripMs: number | null;
  readonly jitterMs: number | null;
  readonly peerLossPercent: number | null;
  readonly limitation: LinkFigures["limitation"];
  readonly localType: string | null;
  readonly remoteType: string | null;
  readonly protocol: string | null;
  readonly relayProtocol: string | null;
  /** The relay, or the STUN server, of this side's candidate. */
  readonly serverUrl: string | null;
}

/** Counters from which figures are made. */
export type FigureCounts = Omit<LinkCounts, "packets">;

/** An entry of a report; which fields there are depends on its type and on the browser. */
type Entry = Readonly<Record<string, unknown>> & { readonly type: string; readonly id: string };

/** Reads the counters of a connection. */
export async function readCounts(connection: RTCPeerConnection, at: number): Promise<LinkCounts> {
  const report = await connection.getStats();
  return { ...countsOf(report, at), packets: countPackets(connection, report) };
}

/** Reads the counters of a report, of a connection or of some of its tracks. */
export function countsOf(report: ReadonlyMap<string, Entry>, at: number): FigureCounts {
  const entries = [...report.values()];
  const inbound = entries.filter(({ type }) => type === "inbound-rtp");
  const pair = nominatedPair(entries);
  const candidate = (name: string): Entry | undefined => report.get(textOf(pair, name) ?? "");
  const local = candidate("localCandidateId");
  const remote = candidate("remoteCandidateId");
  const packetAt = numberOf(pair, "lastPacketReceivedTimestamp");
  const roundTrip = numberOf(pair, "currentRoundTripTime");
  const jitters = inbound.flatMap((entry) => numberOf(entry, "jitter") ?? []);
  return {
    at,
    hasPath: pair !== undefined,
    bytesIn: numberOf(pair, "bytesReceived") ?? 0,
    packetAgeMs: packetAt === null ? null : Number(pair?.timestamp) - packetAt,
    checks: numberOf(pair, "requestsSent") ?? 0,
    answers: numberOf(pair, "responsesReceived") ?? 0,
    bytesOut: numberOf(pair, "bytesSent") ?? 0,
    packetsIn: sum(inbound, "packetsReceived"),
    packetsLost: sum(inbound, "packetsLost"),
    roundTripMs: roundTrip === null ? null : roundTrip * 1_000,
    jitterMs: jitters.length === 0 ? null : Math.max(...jitters) * 1_000,
    peerLossPercent: peerLoss(entries),
    limitation: limitationOf(entries),
    localType: textOf(local, "candidateType"),
    remoteType: textOf(remote, "candidateType"),
    protocol: textOf(local, "protocol"),
    relayProtocol: textOf(local, "relayProtocol"),
    serverUrl: textOf(local, "url"),
  };
}

/** Returns the figures of the time between two moments; `before` is null at the first one. */
export function figuresBetween(before: FigureCounts | null, after: FigureCounts): LinkFigures {
  const seconds = before === null ? 0 : (after.at - before.at) / 1_000;
  // After a change of path, the counters begin anew.
  const grown = (count: "bytesIn" | "bytesOut" | "packetsIn" | "packetsLost") =>
    before === null ? 0 : Math.max(0, after[count] - before[count]);
  const rate = (count: "bytesIn" | "bytesOut") => seconds > 0 ? Math.round(grown(count) * 8 / seconds) : 0;
  const expected = grown("packetsIn") + grown("packetsLost");
  const {
    roundTripMs,
    jitterMs,
    peerLossPercent,
    limitation,
    localType,
    remoteType,
    protocol,
    relayProtocol,
  } = after;
  return {
    roundTripMs,
    lossPercent: expected === 0 ? null : grown("packetsLost") / expected * 100,
    peerLossPercent,
    jitterMs,
    sentBitsPerSecond: rate("bytesOut"),
    receivedBitsPerSecond: rate("bytesIn"),
    localType,
    remoteType,
    protocol,
    relayProtocol,
    limitation,
  };
}

/** Firefox names the pair in use by `selected`, others by the transport. */
function nominatedPair(entries: readonly Entry[]): Entry | undefined {
  const transport = entries.find(({ type }) => type === "transport");
  const id = textOf(transport, "selectedCandidatePairId");
  const pairs = entries.filter(({ type }) => type === "candidate-pair");
  return pairs.find((pair) => pair.id === id) ?? pairs.find(({ selected }) => selected === true) ??
    pairs.find(({ nominated, state }) => nominated === true && state === "succeeded");
}

function countPackets(connection: RTCPeerConnection, report: ReadonlyMap<string, Entry>): PacketCounts {
  const mids = connection.getTransceivers().map(({ mid }) => mid);
  const counts = { mic: 0, cam: 0, screen: 0, screenAudio: 0 };
  for (const entry of report.values()) {
    if (entry.type !== "inbound-rtp") continue;
    const kind = MEDIA_KINDS[mids.indexOf(textOf(entry, "mid"))];
    if (kind !== undefined) counts[kind] += numberOf(entry, "packetsReceived") ?? 0;
  }
  return counts;
}

/** The peer reports the part of each track that it has lost, from 0 to 1: the worst counts. */
function peerLoss(entries: readonly Entry[]): number | null {
  const parts = entries.filter(({ type }) => type === "remote-inbound-rtp")
    .flatMap((entry) => numberOf(entry, "fractionLost") ?? []);
  return parts.length === 0 ? null : Math.max(...parts) * 100;
}

const LIMITATIONS = ["bandwidth", "cpu", "other", "none"] as const;

function limitationOf(entries: readonly Entry[]): LinkFigures["limitation"] {
  const reasons = entries.filter(({ type }) => type === "outbound-rtp")
    .map((entry) => textOf(entry, "qualityLimitationReason"));
  return LIMITATIONS.find((reason) => reasons.includes(reason)) ?? null;
}

function sum(entries: readonly Entry[], name: string): number {
  return entries.reduce((total, entry) => total + (numberOf(entry, name) ?? 0), 0);
}

function numberOf(entry: Entry | undefined, name: string): number | null {
  const value = entry?.[name];
  return typeof value === "number" ? value : null;
}

function textOf(entry: Entry | undefined, name: string): string | null {
  const value = entry?.[name];
  return typeof value === "string" ? value : null;
}
