import { pause } from "../../net/wait.ts";
import { figuresBetween, readCounts } from "../links/link_stats.ts";
import type { PathFigures, PathFinding } from "./findings.ts";
import { openTestMedia } from "./test_media.ts";

/** A relay by TLS needs a few round trips before it passes anything on. */
const CONNECT_TIMEOUT_MS = 8_000;
/** The first reports of the receiving side come after about a second. */
const MEASURE_MS = 4_000;

/** The two connections of a call within this page; the near one sends. */
interface PathEnds {
  readonly near: RTCPeerConnection;
  readonly far: RTCPeerConnection;
}

/** Options of `testCall`. */
export interface TestCallOptions {
  /** The relay to go through; null for the direct way. */
  readonly relay: { readonly url: string; readonly username: string; readonly credential: string } | null;
  readonly signal: AbortSignal;
}

/** Makes a call from this page to itself, and measures its way; takes at most 12 s. */
export async function testCall({ relay, signal }: TestCallOptions): Promise<PathFinding> {
  const relayUrl = relay?.url ?? null;
  const iceServers = relay === null
    ? []
    : [{ urls: relay.url, username: relay.username, credential: relay.credential }];
  // One side alone insists on the relay: relays may not let two of their own addresses talk with each other.
  const near = new RTCPeerConnection({ iceServers, iceTransportPolicy: relay === null ? "all" : "relay" });
  const far = new RTCPeerConnection({ iceServers });
  const media = openTestMedia();
  try {
    for (const track of media.stream.getTracks()) near.addTrack(track, media.stream);
    if (!await connect({ near, far }, signal)) return { relayUrl, figures: null };
    return { relayUrl, figures: await measure({ near, far }, signal) };
  } finally {
    media[Symbol.dispose]();
    near.close();
    far.close();
  }
}

async function measure({ near, far }: PathEnds, signal: AbortSignal): Promise<PathFigures> {
  const before = {
    near: await readCounts(near, performance.now()),
    far: await readCounts(far, performance.now()),
  };
  await pause(MEASURE_MS, signal);
  const sent = figuresBetween(before.near, await readCounts(near, performance.now()));
  const received = figuresBetween(before.far, await readCounts(far, performance.now()));
  const { lossPercent, receivedBitsPerSecond } = received;
  return { ...sent, lossPercent, receivedBitsPerSecond };
}

/** Connects both; false if that takes too long. */
async function connect({ near, far }: PathEnds, signal: AbortSignal): Promise<boolean> {
  const described = Promise.withResolvers<void>();
  const forward = (from: RTCPeerConnection, to: RTCPeerConnection) => {
    from.onicecandidate = ({ candidate }) => {
      // One that comes too late, when the other side is closed, is of no use.
      if (candidate !== null) described.promise.then(() => to.addIceCandidate(candidate)).catch(() => {});
    };
  };
  forward(near, far);
  forward(far, near);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  near.onconnectionstatechange = () => {
    if (near.connectionState === "connected") resolve(true);
    if (near.connectionState === "failed") resolve(false);
  };
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription ?? { type: "offer", sdp: "" });
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription ?? { type: "answer", sdp: "" });
  described.resolve();
  const tooLate = new AbortController();
  try {
    const late = pause(CONNECT_TIMEOUT_MS, AbortSignal.any([signal, tooLate.signal]));
    return await Promise.race([promise, late.then(() => false)]);
  } finally {
    tooLate.abort();
  }
}
