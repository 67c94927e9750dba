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
import type { LinkWatch } from "./link_watch.ts";
import type { RelayServers } from "./relay_servers.ts";

/** Events of a link that its connection and its timers report. */
export type OwnLinkEvent = Exclude<LinkEvent, { type: "signal" | "tick" | "network_changed" }>;

/** Counters that could not be read are read again after this time. */
const READ_AGAIN_MS = 1_000;

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
  #iceServers: RTCIceServer[] = [];
  /** Null until it is loaded. */
  #watch: LinkWatch | null = null;
  #reading: ReturnType<typeof setTimeout> | undefined;
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
        // The peer may have noticed sooner that the path is dead.
        if (effect.type === "take_offer") this.#setServers();
        if (this.#connection === null) this.#waiting.push(effect);
        else this.#connection.run(effect);
    }
  }

  /** Sends the tracks and keeps to the plan that are wanted now. */
  follow(tracks: Tracks, plan: MediaPlan): void {
    this.#connection?.setTracks(tracks);
    this.#connection?.setPlan(plan);
  }

  /** Sends a beat. */
  beat(): void {
    this.#connection?.beat(this.#options.isHidden());
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
    clearTimeout(this.#reading);
    this.#watch = null;
    this.#waiting = [];
  }

  async #create({ epoch, isOfferer }: Extract<LinkEffect, { type: "create" }>): Promise<void> {
    const { tracks, plan, servers, certificate, isRelayOnly, takesMedia } = this.#options;
    this.#end();
    this.#epoch = epoch;
    const iceServers = await servers.current(RENEW_MS);
    this.#iceServers = iceServers;
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
    // Beats alone do as well, if the watch cannot be loaded.
    this.#watchFrom(connection).catch(() => {});
    for (const effect of this.#waiting.splice(0)) connection.run(effect);
  }

  async #renew(): Promise<void> {
    const { servers, report } = this.#options;
    const iceServers = await servers.current(RENEW_MS);
    if (this.#isClosed) return;
    this.#iceServers = iceServers;
    this.#setServers();
    report({ type: "renewed" });
  }

  #setServers(): void {
    this.#connection?.setServers(this.#watch?.serversFor(this.#iceServers) ?? this.#iceServers);
  }

  async #watchFrom(connection: Connection): Promise<void> {
    const { LinkWatch } = await import("./link_watch.ts");
    if (connection !== this.#connection) return;
    this.#watch = new LinkWatch(connection.peer, this.#options.now);
    await this.#read(connection, this.#watch);
  }

  /** Reads the counters, again and again. */
  async #read(connection: Connection, watch: LinkWatch): Promise<void> {
    const { report, told, plan } = this.#options;
    const media = told();
    const hasMedia = Object.values(media).includes(true);
    // Beats alone do as well, if the counters cannot be read.
    const reading = await watch.read(hasMedia).catch(() => null);
    if (connection !== this.#connection) return;
    this.#reading = setTimeout(() => void this.#read(connection, watch), reading?.againInMs ?? READ_AGAIN_MS);
    if (reading === null) return;
    const { packets, heardAt, isDead, figures } = reading;
    const epoch = this.#epoch;
    if (heardAt !== null) report({ type: "beat", epoch, isHidden: this.#isPeerHidden, at: heardAt });
    if (isDead) report({ type: "silent", epoch });
    report({ type: "media", epoch, told: media, packets });
    if (figures !== null) this.#figures.value = figures;
    connection.setPlan(plan.peek());
  }

  #heard(isHidden: boolean): void {
    this.#watch?.heard();
    this.#isPeerHidden = isHidden;
  }
}
