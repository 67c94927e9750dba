import { signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Participant, Room, Track } from "livekit-client";
import type { ParticipantId } from "../../../shared/ids.ts";
import type { LinkFigures } from "../call_parts.ts";
import { countsOf, figuresBetween } from "../links/link_stats.ts";
import type { FigureCounts } from "../links/link_stats.ts";

const MEASURE_MS = 1_000;

/** Somebody whose figures are looked at. */
interface Measured {
  readonly participantId: ParticipantId;
  readonly figures: Signal<LinkFigures | null>;
  before: FigureCounts | null;
}

/**
 * Measures once a second what comes from each participant through LiveKit, and what this device sends to it. Only what
 * somebody looks at is measured, since large calls have many tracks.
 */
export class SfuFigures implements Disposable {
  readonly #room: Room;
  readonly #measured = new Set<Measured>();
  readonly #timer = setInterval(() => void this.#measure(), MEASURE_MS);
  #isMeasuring = false;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Returns the figures of a participant. They are null until something is sent or received. */
  of(participantId: ParticipantId): ReadonlySignal<LinkFigures | null> {
    const figures: Signal<LinkFigures | null> = signal<LinkFigures | null>(null, {
      watched: () => void this.#measured.add(one),
      unwatched: () => void this.#measured.delete(one),
    });
    const one: Measured = { participantId, figures, before: null };
    return figures;
  }

  /** Measures nothing any more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#measured.clear();
  }

  async #measure(): Promise<void> {
    if (this.#isMeasuring || this.#measured.size === 0) return;
    this.#isMeasuring = true;
    try {
      const { localParticipant, remoteParticipants } = this.#room;
      const sent = await reportOf(localParticipant);
      for (const one of [...this.#measured]) {
        const remote = remoteParticipants.get(one.participantId);
        const received = remote === undefined ? NOTHING : await reportOf(remote);
        if (this.#measured.has(one)) show(one, received, sent);
      }
    } catch {
      // A connection was closed meanwhile.
    } finally {
      this.#isMeasuring = false;
    }
  }
}

type Report = Parameters<typeof countsOf>[0];
const NOTHING: Report = new Map();

/** All tracks of a participant go through one connection, so their reports hold no different entries of one name. */
async function reportOf(participant: Participant): Promise<Report> {
  const tracks = [...participant.trackPublications.values()].flatMap(({ track }) => track ?? []);
  const reports = await Promise.all(tracks.map((track: Track) => track.getRTCStatsReport()));
  return new Map(reports.flatMap((report) => report === undefined ? [] : [...report]));
}

function show(one: Measured, received: Report, sent: Report): void {
  if (received.size === 0 && sent.size === 0) {
    one.figures.value = one.before = null;
    return;
  }
  const counts = countsThrough(received, sent, performance.now());
  one.figures.value = figuresBetween(one.before, counts);
  one.before = counts;
}

/** Counts the bytes of tracks: those of the connection are of all participants. */
function countsThrough(received: Report, sent: Report, at: number): FigureCounts {
  const [down, up] = [countsOf(received, at), countsOf(sent, at)];
  return {
    ...(down.localType === null ? up : down),
    bytesIn: sum(received, "inbound-rtp", "bytesReceived"),
    bytesOut: sum(sent, "outbound-rtp", "bytesSent"),
    packetsIn: down.packetsIn,
    packetsLost: down.packetsLost,
    jitterMs: down.jitterMs,
    peerLossPercent: up.peerLossPercent,
    limitation: up.limitation,
  };
}

function sum(report: Report, type: string, name: string): number {
  const values = [...report.values()].map((entry) => entry.type === type ? entry[name] : 0);
  return values.reduce<number>((total, value) => total + (typeof value === "number" ? value : 0), 0);
}
