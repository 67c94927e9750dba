import type { LinkFigures } from "../call_parts.ts";
import type { CaptureFailure } from "../media/capture_failure.ts";

/** What a test of a microphone or camera found. */
export type DeviceFinding =
  /** It was heard, or its picture changes. */
  | { readonly state: "works"; readonly label: string }
  /** It is on, but there is no sound, or the picture stands still. */
  | { readonly state: "silent"; readonly label: string }
  /** It is on, but this browser cannot listen to it. */
  | { readonly state: "unmeasured"; readonly label: string }
  | { readonly state: "failed"; readonly failure: CaptureFailure };

/** How a browser reaches a server. */
export type ServerTransport = "udp" | "tcp" | "tls";

/** What a test of a STUN or TURN server found. */
export interface ServerFinding {
  readonly url: string;
  readonly kind: "stun" | "turn";
  readonly transport: ServerTransport;
  /**
   * Every state but `unreachable` is an answer. Outside of a call every relay `refuses`, as nobody has credentials;
   * `stale` are credentials with an old nonce.
   */
  readonly state: "works" | "refuses" | "stale" | "full" | "fails" | "unreachable";
  /** How long the answer took; null without one. */
  readonly afterMs: number | null;
  /** Of STUN (RFC 8489 §14.8) or TURN (RFC 8656 §19); null without an error. */
  readonly errorCode: number | null;
}

/** The servers of this workspace; they are told to people with an account only. */
export type ServersFinding =
  | { readonly state: "signed_out" }
  /** The server did not answer. */
  | { readonly state: "failed" }
  | {
    readonly state: "tested";
    readonly servers: readonly ServerFinding[];
    /** Whether the credentials of a call were used. */
    readonly hasCredentials: boolean;
  };

/** What a call between two connections of this page measured. */
export type PathFigures = Omit<LinkFigures, "peerLossPercent" | "jitterMs" | "limitation">;

/** What a call within this page found. */
export interface PathFinding {
  /** The address of the relay; null for the direct way. */
  readonly relayUrl: string | null;
  /** Null if no connection was made. */
  readonly figures: PathFigures | null;
}

/** Everything that the call doctor has found so far; null for what was not tested yet. */
export interface Findings {
  /** Calls need HTTPS and WebRTC. */
  readonly support: "fine" | "insecure" | "no_webrtc";
  readonly isOnline: boolean;
  readonly microphone: DeviceFinding | null;
  readonly camera: DeviceFinding | null;
  /** Whether the person heard the tone, or why it could not be played. */
  readonly speaker: "heard" | "unheard" | "no_output" | null;
  /** Whether the person noticed the ring. */
  readonly ring: "noticed" | "missed" | null;
  readonly notifications: NotificationPermission | "unsupported";
  readonly servers: ServersFinding | null;
  readonly paths: readonly PathFinding[] | null;
}

/** Before the first test. */
export const NOTHING_FOUND: Findings = {
  support: "fine",
  isOnline: true,
  microphone: null,
  camera: null,
  speaker: null,
  ring: null,
  notifications: "default",
  servers: null,
  paths: null,
};
