/** What a browser has counted on the path in use so far. */
export interface PathCounts {
  /** When it was read. */
  readonly at: number;
  /** False while the browser uses none, as after a relay has gone: the counts are zero then. */
  readonly hasPath: boolean;
  /** Without those of checks. */
  readonly bytesIn: number;
  /** How long ago the last packet had arrived, in milliseconds; null if the browser does not tell. */
  readonly packetAgeMs: number | null;
  /** The browser checks each second or two whether the path works, and the browser of the peer answers. */
  readonly checks: number;
  readonly answers: number;
}

/** What is known of a path. */
export interface PathWatch {
  readonly counts: PathCounts;
  /** When something arrived last. */
  readonly heardAt: number;
  /** Since when a check is known to wait for its answer. */
  readonly waitsSince: number | null;
}

/** Silence of a path that carries media, which never pauses for so long. */
const MEDIA_SILENCE_MS = 1_000;
/** Silence of one that carries beats alone, each of which may be lost. */
const BEATS_SILENCE_MS = 1_500;
/** On the way round the world and through full queues, an answer takes this long. */
const ANSWER_MS = 300;

/** Takes counts. A packet has arrived between them and those before, whatever the browser says of its age. */
export function watchPath(before: PathWatch | null, counts: PathCounts): PathWatch {
  const { at, bytesIn, packetAgeMs, checks, answers } = counts;
  if (before === null) return { counts, heardAt: at, waitsSince: null };
  const { counts: old, heardAt, waitsSince } = before;
  if (!counts.hasPath) return { counts: { ...old, at }, heardAt, waitsSince: waitsSince ?? at };
  const packetAt = bytesIn > old.bytesIn ? Math.min(at, at - (packetAgeMs ?? 0)) : old.at;
  // Another path counts anew.
  const isAnswered = answers > old.answers || checks < old.checks;
  const isHeard = bytesIn > old.bytesIn || isAnswered;
  const isAsked = checks - answers > old.checks - old.answers;
  const waited = isAnswered ? null : waitsSince;
  return {
    counts,
    heardAt: isHeard ? Math.max(heardAt, old.at, packetAt) : heardAt,
    waitsSince: isAsked ? waited ?? at : waited,
  };
}

/** Whether a path is dead: nothing arrives, and the peer's browser does not answer a check. */
export function isPathDead({ counts: { at }, heardAt, waitsSince }: PathWatch, hasMedia: boolean): boolean {
  const silenceMs = hasMedia ? MEDIA_SILENCE_MS : BEATS_SILENCE_MS;
  return waitsSince !== null && at - waitsSince >= ANSWER_MS && at - heardAt >= silenceMs;
}
