import type { Media, MediaKind } from "./call_types.ts";

/** How many packets of each track have arrived. */
export type PacketCounts = Readonly<Record<MediaKind, number>>;

/** One track of a peer. */
interface WatchedTrack {
  /** When something arrived last, or when it was told; null if it is off. */
  readonly flowedAt: number | null;
  readonly packets: number;
  /** How often the link was repaired because of it. */
  readonly repairs: number;
}

/** What a peer tells that it sends, and what arrives of it. */
export type MediaWatch = Readonly<Record<MediaKind, WatchedTrack>>;

const KINDS: readonly MediaKind[] = ["mic", "cam", "screen", "screenAudio"];
const OFF: WatchedTrack = { flowedAt: null, packets: 0, repairs: 0 };

/** Nothing is told. */
export const UNWATCHED: MediaWatch = { mic: OFF, cam: OFF, screen: OFF, screenAudio: OFF };

/** A track that is told, but of which nothing arrives for this long, needs a repair. */
const DRY_MS = 5_000;
/** First a restart, then a new connection. What is still dry then is not the fault of the connection. */
const REPAIRS_MAX_COUNT = 2;

/** Takes what is told and what has arrived. A track that flows, or is told anew, is repaired afresh. */
export function watchMedia(
  watch: MediaWatch,
  { told, packets }: { readonly told: Media; readonly packets: PacketCounts },
  nowMs: number,
): MediaWatch {
  return map(watch, (track, kind) => {
    const count = packets[kind];
    if (!told[kind]) return { ...OFF, packets: count };
    const isFresh = track.flowedAt === null || count > track.packets;
    return isFresh ? { flowedAt: nowMs, packets: count, repairs: 0 } : { ...track, packets: count };
  });
}

/** What to do for the track that has been dry longest: nothing, a restart, or a new connection. */
export function neededRepair(watch: MediaWatch, nowMs: number): "restart" | "rebuild" | null {
  const dry = KINDS.map((kind) => watch[kind]).filter((track) => dryAt(track) <= nowMs);
  if (dry.length === 0) return null;
  return dry.some(({ repairs }) => repairs === 0) ? "restart" : "rebuild";
}

/** When the next repair is needed; `Infinity` if nothing is told, or repairs have not helped. */
export function repairDeadline(watch: MediaWatch): number {
  return Math.min(...KINDS.map((kind) => dryAt(watch[kind])));
}

/** Counts a repair of what is dry, which has as long again to flow. */
export function countRepair(watch: MediaWatch, nowMs: number): MediaWatch {
  return map(watch, (track) => {
    return dryAt(track) <= nowMs ? { ...track, flowedAt: nowMs, repairs: track.repairs + 1 } : track;
  });
}

/** Measures from now, since a link without a path carries nothing, and a new connection counts from zero. */
export function resumeWatch(watch: MediaWatch, nowMs: number): MediaWatch {
  return map(watch, (track) => track.flowedAt === null ? track : { ...track, flowedAt: nowMs });
}

function dryAt({ flowedAt, repairs }: WatchedTrack): number {
  return flowedAt === null || repairs >= REPAIRS_MAX_COUNT ? Infinity : flowedAt + DRY_MS;
}

function map(watch: MediaWatch, change: (track: WatchedTrack, kind: MediaKind) => WatchedTrack): MediaWatch {
  const { mic, cam, screen, screenAudio } = watch;
  return {
    mic: change(mic, "mic"),
    cam: change(cam, "cam"),
    screen: change(screen, "screen"),
    screenAudio: change(screenAudio, "screenAudio"),
  };
}
