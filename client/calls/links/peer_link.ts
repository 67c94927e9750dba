import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Media } from "../../../shared/call/call_types.ts";
import { RENEW_MS } from "../../../shared/call/link_state.ts";
import type { LinkEffect, LinkEvent, LinkPhase } from "../../../shared/call/link_state.ts";
import type { MediaPlan } from "../../../shared/call/media_plan.ts";
import type { ParticipantId, UserId } from "../../../shared/ids.ts";
import { NO_TRACKS } from "../call_parts.ts";
import type { LinkFigures, RemotePeer, Tracks } from "../call_parts.ts";
import { Connection } from "./connection.ts";
import { figuresBetween, readCounts } from "./link_stats.ts";
import type { LinkCounts } from "./link_stats.ts";
import type { RelayServers } from "./relay_servers.ts";

/** Events of a link that its connection and its timers report. */
export type OwnLinkEvent = Exclude<LinkEvent, { type: "signal" | "tick" | "network_changed" }>;

/** Options of `PeerLink`. */
export interface PeerLinkOptions {
  readonly participantId: ParticipantId;
  readonly userId: UserId;
  /** False in a call for files. */
  readonly takesMedia: boolean;
  readonly tracks: ReadonlySignal<Tracks>;
  readonly plan: ReadonlySignal<MediaPlan>;
  readonly servers: RelayServers;
  /** Sends everything through a relay, so that the peer learns no address. */
  readonly isRelayOnly: () => boolean;
  readonly certificate: Promise<RTCCertificate>;
  /** What the peer tells that it sends. */
  readonly told: () => Media;
  readonly report: (event: OwnLinkEvent) => void;
  readonly isHidden: () => boolean;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** Without a beat for this long, the counters are read sooner. */
const QUIET_MS = 700;
const COUNT_MS = 1_000;

/** What the browser does for the link to one participant: one connection after another. */
export class PeerLink implements RemotePeer {
  readonly participantId: ParticipantId;
  readonly userId: UserId;
  readonly #options: PeerLinkOptions;
  readonly #tracks = signal<Tracks>(NO_TRACKS);
  readonly #phase = signal<LinkPhase>("new");
  readonly #figures = signal<LinkFigures | null>(null);
  readonly #filesChannel = signal<RTCDataChannel | null>(null);
  /** Null while a new one waits for its servers, and before the first one. */
  #connection: Connection | null = null;
  #epoch = -1;
  #waiting: Exclude<LinkEffect, { type: "create" | "close" | "wake" | "send" | "renew" }>[] = [];
  #stopWatch: () => void = () => {};
  #counts: LinkCounts | null = null;
  /** All bytes that have arrived on the path in use. */
  #bytesIn = 0;
  #isCounting = false;
  #heardAt = 0;
  #isPeerHidden = false;
  #isClosed = false;

  readonly tracks: ReadonlySignal<Tracks> = this.#tracks;
  readonly phase: ReadonlySignal<LinkPhase> = this.#phase;
  readonly figures: ReadonlySignal<LinkFigures | null> = this.#figures;
  readonly filesChannel: ReadonlySignal<RTCDataChannel | null> = this.#filesChannel;

  constructor(options: PeerLinkOptions) {
    this.#options = options;
    this.participantId = options.participantId;
    this.userId = options.userId;
  }

  async safetyCode(): Promise<string | null> {
    const fingerprints = this.#connection?.fingerprints ?? null;
    if (fingerprints === null) return null;
    const { safetyCode } = await import("../../../shared/call/safety_code.ts");
    return await safetyCode(...fingerprints);
  }

  /** Shows where the link is. */
  setPhase(phase: LinkPhase): void {
    if (phase === "up" && this.#phase.peek() !== phase) {
      this.#connection?.setPlan(this.#options.plan.peek(), true);
    }
    this.#phase.value = phase;
  }

  /** Does what the link wants. */
  run(effect: Exclude<LinkEffect, { type: "wake" | "send" }>): void {
    switch (effect.type) {
      case "create":
        return void this.#create(effect);
      case "close":
        return this.close();
      case "renew":
        return void this.#renew();
      default:
        if (effect.epoch !== this.#epoch) return;
        if (this.#connection === null) this.#waiting.push(effect);
        else this.#connection.run(effect);
    }
  }

  /** Sends the tracks and keeps to the plan that are wanted now. */
  follow(tracks: Tracks, plan: MediaPlan): void {
    this.#connection?.setTracks(tracks);
    this.#connection?.setPlan(plan);
  }

  /** Sends a beat, and reads the counters when it is time. */
  beat(): void {
    const connection = this.#connection;
    if (connection === null) return;
    connection.beat(this.#options.isHidden());
    const now = this.#options.now();
    const isQuiet = now - this.#heardAt >= QUIET_MS;
    if (!isQuiet && now - (this.#counts?.at ?? 0) < COUNT_MS) return;
    connection.setPlan(this.#options.plan.peek());
    void this.#count(connection);
  }

  /** Frees everything. */
  close(): void {
    this.#isClosed = true;
    this.#end();
    this.#tracks.value = NO_TRACKS;
  }

  #end(): void {
    this.#stopWatch();
    this.#stopWatch = () => {};
    this.#connection?.close();
    this.#connection = null;
    this.#counts = null;
    this.#bytesIn = 0;
    this.#waiting = [];
  }

  async #create({ epoch, isOfferer }: Extract<LinkEffect, { type: "create" }>): Promise<void> {
    const { tracks, plan, servers, certificate, isRelayOnly, takesMedia } = this.#options;
    this.#end();
    this.#epoch = epoch;
    const iceServers = await servers.current(RENEW_MS);
    const iceTransportPolicy = isRelayOnly() ? "relay" : "all";
    const certificates = [await certificate];
    // Meanwhile it was closed, or the next epoch has begun.
    if (this.#isClosed || epoch !== this.#epoch || this.#connection !== null) return;
    const connection = new Connection({
      epoch,
      isOfferer,
      takesMedia,
      configuration: { iceServers, iceTransportPolicy, certificates },
      tracks: tracks.peek(),
      plan: plan.peek(),
      report: (event) => {
        if (event.type === "beat") this.#heard(event.isHidden);
        this.#options.report(event);
      },
      // The last picture of the former connection stays until then.
      onConnected: () => this.#tracks.value = connection.tracks,
      onPath: () => connection.beat(this.#options.isHidden()),
      onFiles: (channel) => this.#filesChannel.value = channel,
    });
    this.#connection = connection;
    this.#stopWatch = servers.watch(connection.peer);
    for (const effect of this.#waiting.splice(0)) connection.run(effect);
  }

  async #renew(): Promise<void> {
    const { servers, report } = this.#options;
    const iceServers = await servers.current(RENEW_MS);
    if (this.#isClosed) return;
    this.#connection?.setServers(iceServers);
    report({ type: "renewed" });
  }

  async #count(connection: Connection): Promise<void> {
    if (this.#isCounting) return;
    this.#isCounting = true;
    try {
      const counts = await readCounts(connection.peer, this.#options.now());
      if (connection === this.#connection) this.#counted(counts);
    } catch {
      // The connection was closed meanwhile.
    } finally {
      this.#isCounting = false;
    }
  }

  #counted(counts: LinkCounts): void {
    const { report, told } = this.#options;
    const before = this.#counts;
    const epoch = this.#epoch;
    if (counts.bytesIn > this.#bytesIn) report({ type: "beat", epoch, isHidden: this.#isPeerHidden });
    this.#bytesIn = counts.bytesIn;
    report({ type: "media", epoch, told: told(), packets: counts.packets });
    // Counters that were read early do not make a second.
    if (before !== null && counts.at - before.at < COUNT_MS) return;
    this.#figures.value = figuresBetween(before, counts);
    this.#counts = counts;
  }

  #heard(isHidden: boolean): void {
    this.#heardAt = this.#options.now();
    this.#isPeerHidden = isHidden;
  }
}
