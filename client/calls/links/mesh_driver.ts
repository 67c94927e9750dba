import { effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { LinkEnd } from "../../../shared/call/call_outputs.ts";
import type { CallId, ParticipantId, UserId } from "../../../shared/ids.ts";
import { newId } from "../../../shared/ids.ts";
import type { IncomingSignal, Media, OutgoingSignal } from "../../../shared/call/call_types.ts";
import { BEAT_MS } from "../../../shared/call/link_state.ts";
import type { MediaPlan } from "../../../shared/call/media_plan.ts";
import { NO_LINKS, reduceMesh } from "../../../shared/call/mesh_state.ts";
import type { MeshEffect, MeshEvent, MeshState } from "../../../shared/call/mesh_state.ts";
import type { RelayTrouble, Tracks } from "../call_parts.ts";
import { Alarm } from "../alarm.ts";
import { EventTurns } from "../event_turns.ts";
import { PeerLink } from "./peer_link.ts";
import { RelayServers } from "./relay_servers.ts";
import type { RelayServersOptions } from "./relay_servers.ts";
import { SignalQueue } from "./signal_queue.ts";

/** Who a participant is, and what it tells that it sends. */
export interface KnownPeer {
  readonly userId: UserId;
  readonly media: Media;
}

/** Options of `MeshDriver`. */
export interface MeshDriverOptions {
  readonly callId: CallId;
  /** False in a call for files. */
  readonly takesMedia: boolean;
  readonly tracks: ReadonlySignal<Tracks>;
  readonly plan: ReadonlySignal<MediaPlan>;
  /** Asks the server for STUN and TURN servers. */
  readonly readServers: RelayServersOptions["read"];
  readonly isRelayOnly: () => boolean;
  readonly find: (participantId: ParticipantId) => KnownPeer | null;
  readonly send: (signal: OutgoingSignal) => Promise<unknown>;
  /** The event `link` for `reduceCall`. */
  readonly onChanged: (change: Extract<MeshEffect, { type: "changed" }>) => void;
  readonly isHidden: () => boolean;
  /** The last epochs that this tab used before a reload. */
  readonly epochs: Epochs;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** The last epoch of each link, by participant. */
export type Epochs = { readonly [participantId: string]: number };

/** One DTLS certificate for all links of a call, so that its safety code stays the same. */
const CERTIFICATE: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };
const SILENT: Media = { mic: false, cam: false, screen: false, screenAudio: false };

type Peers = ReadonlyMap<ParticipantId, PeerLink>;

interface Held {
  readonly seq: number;
  readonly link: PeerLink;
}

/** The links of one call, as `reduceMesh` wants them. */
export class MeshDriver implements Disposable {
  readonly #options: MeshDriverOptions;
  readonly #servers: RelayServers;
  readonly #certificate = RTCPeerConnection.generateCertificate(CERTIFICATE);
  readonly #alarm: Alarm;
  readonly #beats: ReturnType<typeof setInterval>;
  readonly #stop: () => void;
  readonly #links = new Map<ParticipantId, Held>();
  /** Those with signals that wait: people come and go for as long as the call lasts. */
  readonly #queues = new Map<ParticipantId, SignalQueue>();
  readonly #peers = signal<Peers>(new Map());
  readonly #turns = new EventTurns<MeshEvent>((event) => this.#reduce(event));
  #state: MeshState = NO_LINKS;

  readonly peers: ReadonlySignal<Peers> = this.#peers;
  /** Why no relay can be used. */
  readonly relayTrouble: ReadonlySignal<RelayTrouble>;

  constructor(options: MeshDriverOptions) {
    const { now, readServers, tracks, plan } = options;
    this.#options = options;
    this.#servers = new RelayServers({ read: readServers, now });
    this.relayTrouble = this.#servers.trouble;
    // Asked for at once: the first connection needs them.
    void this.#servers.current(0);
    // It is awaited where it is needed.
    this.#certificate.catch(() => {});
    this.#alarm = new Alarm(now, () => this.#turns.add({ type: "tick" }));
    this.#beats = setInterval(() => {
      for (const { link } of this.#links.values()) link.beat();
    }, BEAT_MS);
    this.#stop = effect(() => {
      const [held, limits] = [tracks.value, plan.value];
      untracked(() => {
        for (const { link } of this.#links.values()) link.follow(held, limits);
      });
    });
  }

  /** The last epoch of each link, also of those that were closed. */
  get epochs(): Epochs {
    const { links, closed } = this.#state;
    return Object.fromEntries([...closed, ...[...links].map(([id, { link }]) => [id, link.epoch] as const)]);
  }

  /** The effect `links` of `reduceCall`. */
  setLinks(own: LinkEnd | null, peers: readonly LinkEnd[]): void {
    this.#turns.add({ type: "links", own, peers });
  }

  /** A signal of another participant has arrived. */
  take(signal: IncomingSignal): void {
    this.#turns.add({ type: "signal", signal });
  }

  /** This device has changed its network: all links are restarted. */
  networkChanged(): void {
    this.#turns.add({ type: "network_changed" });
  }

  /** Closes all links, which tells their peers. */
  [Symbol.dispose](): void {
    this.setLinks(null, []);
    clearInterval(this.#beats);
    this.#alarm.set(null);
    this.#stop();
    for (const queue of this.#queues.values()) queue.end();
  }

  #reduce(event: MeshEvent): void {
    const { now, epochs } = this.#options;
    const floorOf = (id: ParticipantId) => (epochs[id] ?? 0) + 1;
    const { state, effects } = reduceMesh(this.#state, event, { nowMs: now(), newId, floorOf });
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    this.#show();
  }

  #run(effect: MeshEffect): void {
    switch (effect.type) {
      case "wake":
        return this.#alarm.set(effect.at);
      case "changed":
        return this.#options.onChanged(effect);
      case "signal": {
        const { type: _, ...signal } = effect;
        return this.#queue(effect.to).add({ ...signal, callId: this.#options.callId });
      }
      case "link": {
        const { participantId, seq } = effect;
        this.#held(participantId, seq).run(effect.effect);
        if (effect.effect.type === "close") this.#links.delete(participantId);
      }
    }
  }

  #queue(to: ParticipantId): SignalQueue {
    const { send, now } = this.#options;
    const known = this.#queues.get(to) ?? new SignalQueue(send, now, () => this.#queues.delete(to));
    this.#queues.set(to, known);
    return known;
  }

  /** A link whose peer has another `seq` is another one. */
  #held(participantId: ParticipantId, seq: number): PeerLink {
    const known = this.#links.get(participantId);
    if (known?.seq === seq) return known.link;
    known?.link.close();
    const { takesMedia, tracks, plan, isRelayOnly, find, isHidden, now } = this.#options;
    const link = new PeerLink({
      participantId,
      userId: find(participantId)?.userId ?? "" as UserId,
      takesMedia,
      tracks,
      plan,
      servers: this.#servers,
      isRelayOnly,
      certificate: this.#certificate,
      told: () => find(participantId)?.media ?? SILENT,
      report: (event) => this.#turns.add({ type: "link", participantId, seq, event }),
      isHidden,
      now,
    });
    this.#links.set(participantId, { seq, link });
    return link;
  }

  #show(): void {
    const { links } = this.#state;
    for (const [participantId, { seq, link }] of links) {
      this.#held(participantId, seq).setPhase(link.phase);
    }
    const shown = this.#peers.peek();
    const isSame = shown.size === links.size &&
      [...links.keys()].every((id) => shown.get(id) === this.#links.get(id)?.link);
    if (isSame) return;
    this.#peers.value = new Map([...links.keys()].flatMap((id) => {
      const held = this.#links.get(id);
      return held === undefined ? [] : [[id, held.link] as const];
    }));
  }
}
