import type { ReadonlySignal } from "@preact/signals";
import type { Media, MediaKind, Participant } from "../../shared/call/call_types.ts";
import type { CallTone } from "../../shared/call/call_outputs.ts";
import type { LinkPhase } from "../../shared/call/link_state.ts";
import type { MediaPlan, ScreenMode } from "../../shared/call/media_plan.ts";
import type { CallId, ParticipantId, UserId } from "../../shared/ids.ts";

/** The four tracks, in the order of the media lines of every description. */
export const MEDIA_KINDS: readonly MediaKind[] = ["mic", "cam", "screenAudio", "screen"];

/** The tracks of one participant; null where nothing is sent. */
export type Tracks = { readonly [Kind in MediaKind]: MediaStreamTrack | null };

/** A participant without tracks. */
export const NO_TRACKS: Tracks = { mic: null, cam: null, screen: null, screenAudio: null };

/** What a link measures once a second. */
export interface LinkFigures {
  readonly roundTripMs: number | null;
  /** Of what arrives, from 0 to 100. */
  readonly lossPercent: number | null;
  /** Of what is sent, as the peer reports it. */
  readonly peerLossPercent: number | null;
  readonly jitterMs: number | null;
  readonly sentBitsPerSecond: number;
  readonly receivedBitsPerSecond: number;
  /** The types of the candidates in use: host, srflx, prflx or relay. */
  readonly localType: string | null;
  readonly remoteType: string | null;
  /** Between the two ends of the path: udp or tcp. */
  readonly protocol: string | null;
  /** Between this device and its relay: udp, tcp or tls. */
  readonly relayProtocol: string | null;
  /** Why the encoders send less than they could. */
  readonly limitation: "none" | "cpu" | "bandwidth" | "other" | null;
}

/** Another participant, as this device sees and hears them. */
export interface RemotePeer {
  readonly participantId: ParticipantId;
  readonly userId: UserId;
  /** What has arrived. What is shown follows from the media that the participant tells. */
  readonly tracks: ReadonlySignal<Tracks>;
  /** Always "up" in an SFU. */
  readonly phase: ReadonlySignal<LinkPhase>;
  readonly figures: ReadonlySignal<LinkFigures | null>;
  /** Ordered; open while it is not null. There is none in an SFU. */
  readonly filesChannel: ReadonlySignal<RTCDataChannel | null>;
  /** The code that both sides compare; null until the link is up, and in an SFU. */
  safetyCode(): Promise<string | null>;
}

/** Captures what this device sends. */
export interface MediaSource extends Disposable {
  readonly tracks: ReadonlySignal<Tracks>;
  /** Whether text or motion matters in a shared screen. */
  readonly screenMode: ReadonlySignal<ScreenMode>;
  /** Captures these, and releases all others. */
  hold(media: Media): void;
  /** Sets the size and frame rate of what is captured. */
  plan(plan: MediaPlan): void;
}

/** What to play; null for silence. */
export type Tone = CallTone | null;

/** Plays the tones of a call. Of the tabs of one browser that ring, one is heard. */
export interface TonePlayer {
  play(tone: Tone): void;
}

/** Why no relay can be used; null while one can, or while none is needed. */
export type RelayTrouble = "unreachable" | "refused" | null;

/** Options of `OpenSfu`. */
export interface SfuOptions {
  readonly callId: CallId;
  readonly own: ParticipantId;
  readonly participants: ReadonlySignal<readonly Participant[]>;
  /** Those to whom a link of the mesh is up, which ends when the path works. */
  readonly linked: ReadonlySignal<ReadonlySet<ParticipantId>>;
  readonly tracks: ReadonlySignal<Tracks>;
  readonly plan: ReadonlySignal<MediaPlan>;
  /** Asks the server for the address and a fresh token. */
  readonly connect: () => Promise<{ readonly url: string; readonly token: string }>;
  /** Asks how to reach it, if this device takes the way through a relay only; null if any way will do. */
  readonly relayOnly: () => Promise<RTCConfiguration | null>;
  /** The path works, or does not work any more. */
  readonly onUp: (isUp: boolean) => void;
}

/** The way of media through an SFU, which replaces the links of the mesh. */
export interface SfuPath extends Disposable {
  readonly peers: ReadonlySignal<ReadonlyMap<ParticipantId, RemotePeer>>;
}

/** Connects to the SFU; it is loaded late, so the path comes later. */
export type OpenSfu = (options: SfuOptions) => SfuPath;
