import type { MediaKind } from "../../../shared/call/call_types.ts";
import type { LinkEffect, LinkEvent } from "../../../shared/call/link_state.ts";
import type { MediaPlan } from "../../../shared/call/media_plan.ts";
import { findFingerprint } from "../../../shared/call/fingerprint.ts";
import { MEDIA_KINDS, NO_TRACKS } from "../call_parts.ts";
import type { Tracks } from "../call_parts.ts";
import { SenderPlan } from "./sender_plan.ts";
import { tuneSound } from "./tune_sound.ts";

type ReportedEvent = Exclude<
  LinkEvent,
  { type: "signal" | "tick" | "renewed" | "media" | "network_changed" }
>;
type StepEffect = Extract<
  LinkEffect,
  { type: "describe" | "take_offer" | "take_answer" | "add_candidates" }
>;

/** Options of `Connection`. */
export interface ConnectionOptions {
  readonly epoch: number;
  readonly isOfferer: boolean;
  readonly configuration: RTCConfiguration;
  /** False in a call for files, in which no media are taken from the peer, whatever it sends. */
  readonly takesMedia: boolean;
  readonly tracks: Tracks;
  readonly plan: MediaPlan;
  readonly report: (event: ReportedEvent) => void;
  /** Media flows from now on. */
  readonly onConnected: () => void;
  /** There may be a new path, so a beat tells the peer at once. */
  readonly onPath: () => void;
  /** The channel for files was opened or closed. */
  readonly onFiles: (channel: RTCDataChannel | null) => void;
}

/** Beats are small, and a late one is worth nothing. */
const BEATS: RTCDataChannelInit = { negotiated: true, id: 0, ordered: false, maxRetransmits: 0 };
const FILES: RTCDataChannelInit = { negotiated: true, id: 1, ordered: true };
/** What a beat says: whether the sender's tab is hidden. */
const HIDDEN = "hidden";
const VISIBLE = "visible";

/**
 * The connection to a peer in one epoch: four media lines that never change, one data channel for beats and one for
 * files. Its steps are done one after another.
 */
export class Connection {
  readonly epoch: number;
  readonly peer: RTCPeerConnection;
  readonly #options: ConnectionOptions;
  readonly #beats: RTCDataChannel;
  readonly #files: RTCDataChannel;
  readonly #streams = { face: new MediaStream(), screen: new MediaStream() };
  #senders: ReadonlyMap<MediaKind, SenderPlan> = new Map();
  #tracks: Tracks;
  #plan: MediaPlan;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    const { epoch, isOfferer, configuration, tracks, plan } = options;
    this.#options = options;
    this.epoch = epoch;
    this.#tracks = tracks;
    this.#plan = plan;
    this.peer = new RTCPeerConnection({ ...configuration, bundlePolicy: "max-bundle" });
    this.#beats = this.peer.createDataChannel("beats", BEATS);
    this.#files = this.peer.createDataChannel("files", FILES);
    this.#follow();
    if (!isOfferer) return;
    for (const kind of MEDIA_KINDS) {
      this.peer.addTransceiver(isSound(kind) ? "audio" : "video", {
        direction: this.#direction,
        streams: [this.#streamOf(kind)],
      });
    }
    this.#takeLines();
  }

  get #direction(): RTCRtpTransceiverDirection {
    return this.#options.takesMedia ? "sendrecv" : "inactive";
  }

  /** The tracks that arrive; all of them, since a line without packets only waits for some. */
  get tracks(): Tracks {
    if (!this.#options.takesMedia) return NO_TRACKS;
    const [mic, cam, screenAudio, screen] = this.peer.getTransceivers().map(({ receiver }) => receiver.track);
    return { mic: mic ?? null, cam: cam ?? null, screenAudio: screenAudio ?? null, screen: screen ?? null };
  }

  /** The fingerprints of both sides; null before there are both. */
  get fingerprints(): readonly [own: string, other: string] | null {
    const own = findFingerprint(this.peer.localDescription?.sdp ?? "");
    const other = findFingerprint(this.peer.remoteDescription?.sdp ?? "");
    return own === null || other === null ? null : [own, other];
  }

  /** Does what the link wants; a step that the browser refuses is reported as `failed`. */
  run(effect: StepEffect): void {
    const { epoch } = this;
    const { report } = this.#options;
    this.#turn = this.#turn.then(() => this.#isClosed ? null : this.#step(effect)).catch(() => {
      if (!this.#isClosed) report({ type: "failed", epoch });
    });
  }

  /** Sends other tracks, without an offer. */
  setTracks(tracks: Tracks): void {
    this.#tracks = tracks;
    for (const [kind, sender] of this.#senders) sender.setTrack(tracks[kind]);
  }

  /** Limits the encoders, and lets them send whole pictures next if the path was dead. */
  setPlan(plan: MediaPlan, isKeyFrameDue?: boolean): void {
    this.#plan = plan;
    for (const [kind, sender] of this.#senders) sender.setPlan(plan[kind], isKeyFrameDue);
  }

  /** Uses these servers from the next restart on. */
  setServers(iceServers: RTCIceServer[]): void {
    if (this.#isClosed) return;
    // Browsers refuse a configuration that lacks anything else.
    this.peer.setConfiguration({ ...this.#options.configuration, iceServers, bundlePolicy: "max-bundle" });
  }

  /** Shows the peer that this side lives. */
  beat(isHidden: boolean): void {
    if (this.#beats.readyState === "open") this.#beats.send(isHidden ? HIDDEN : VISIBLE);
  }

  /** Frees everything. */
  close(): void {
    this.#isClosed = true;
    this.peer.onconnectionstatechange = null;
    this.peer.onicecandidate = null;
    for (const channel of [this.#beats, this.#files]) {
      channel.onopen = null;
      channel.onclose = null;
      channel.onmessage = null;
    }
    this.peer.close();
    this.#options.onFiles(null);
  }

  #follow(): void {
    const { epoch, peer } = this;
    const { report, onConnected, onPath, onFiles } = this.#options;
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === "connected") {
        onConnected();
        this.#followPath(onPath);
        report({ type: "connected", epoch });
      } else if (peer.connectionState === "failed") report({ type: "failed", epoch });
    };
    peer.onicecandidate = ({ candidate }) => {
      if (candidate === null || candidate.candidate === "") return;
      const { candidate: text, sdpMid, sdpMLineIndex, usernameFragment } = candidate;
      report({
        type: "candidate",
        epoch,
        candidate: { candidate: text, sdpMid, sdpMLineIndex, usernameFragment },
      });
    };
    this.#beats.onmessage = ({ data }) => report({ type: "beat", epoch, isHidden: data === HIDDEN });
    this.#files.binaryType = "arraybuffer";
    this.#files.onopen = () => onFiles(this.#files);
    this.#files.onclose = () => onFiles(null);
  }

  /** Restarts leave the state of the connection as it is. */
  #followPath(onPath: () => void): void {
    onPath();
    const [line] = this.peer.getTransceivers();
    const transport = line?.receiver.transport?.iceTransport;
    if (transport !== undefined) transport.onselectedcandidatepairchange = onPath;
  }

  async #step(effect: StepEffect): Promise<void> {
    const { peer, epoch } = this;
    const { report, onPath } = this.#options;
    switch (effect.type) {
      case "describe":
        if (effect.isRestart) peer.restartIce();
        await this.#setLocal(await peer.createOffer());
        return this.#described();
      case "take_offer":
        await this.#setRemote("offer", effect.sdp);
        report({ type: "remote_set", epoch });
        this.#takeLines();
        await this.#setLocal(await peer.createAnswer());
        this.#described();
        return onPath();
      case "take_answer":
        await this.#setRemote("answer", effect.sdp);
        report({ type: "remote_set", epoch });
        return onPath();
      case "add_candidates":
        // One that this browser does not understand does not spoil the others.
        await Promise.allSettled(effect.candidates.map((one) => peer.addIceCandidate(one)));
    }
  }

  #described(): void {
    const { epoch, peer } = this;
    if (!this.#isClosed) {
      this.#options.report({ type: "described", epoch, sdp: peer.localDescription?.sdp ?? "" });
    }
  }

  /** What this side's own description says about sound is what its decoders do: stereo would become mono. */
  async #setLocal({ type, sdp = "" }: RTCSessionDescriptionInit): Promise<void> {
    try {
      await this.peer.setLocalDescription({ type, sdp: tuneSound(sdp) });
    } catch {
      // A browser may want its description as it was.
      await this.peer.setLocalDescription();
    }
  }

  /** What the peer's description says about sound is what this side's encoders do. */
  async #setRemote(type: "offer" | "answer", sdp: string): Promise<void> {
    try {
      await this.peer.setRemoteDescription({ type, sdp: tuneSound(sdp) });
    } catch {
      // A browser may not like that two lines differ.
      await this.peer.setRemoteDescription({ type, sdp });
    }
  }

  /** Binds the four lines to the four tracks, once they are there. */
  #takeLines(): void {
    if (this.#senders.size > 0) return;
    const lines = this.peer.getTransceivers();
    if (lines.length !== MEDIA_KINDS.length) throw new Error("A peer offers other lines than these four");
    this.#senders = new Map(MEDIA_KINDS.flatMap((kind, index) => {
      const line = lines[index];
      if (line === undefined) return [];
      line.direction = this.#direction;
      line.sender.setStreams(this.#streamOf(kind));
      return [[kind, new SenderPlan(line.sender, { track: this.#tracks[kind], plan: this.#plan[kind] })]];
    }));
  }

  /** Sound and picture of one stream are played in time with each other. */
  #streamOf(kind: MediaKind): MediaStream {
    return kind === "mic" || kind === "cam" ? this.#streams.face : this.#streams.screen;
  }
}

function isSound(kind: MediaKind): boolean {
  return kind === "mic" || kind === "screenAudio";
}
