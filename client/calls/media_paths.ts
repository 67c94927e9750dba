import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { devicesOf } from "../../shared/call/call_outputs.ts";
import type { LinkEnd } from "../../shared/call/call_outputs.ts";
import { sessionOf } from "../../shared/call/call_state.ts";
import type { CallState } from "../../shared/call/call_state.ts";
import type { CallUpdate, Participant } from "../../shared/call/call_types.ts";
import type { MediaPlan } from "../../shared/call/media_plan.ts";
import type { CallEvent } from "../../shared/call/reduce_call.ts";
import type { CallId, ParticipantId, TabId } from "../../shared/ids.ts";
import { steady } from "../ui/steady.ts";
import type { CallsApi } from "./call_api.ts";
import type { MediaSource, OpenSfu, RelayTrouble, RemotePeer, SfuPath, Tracks } from "./call_parts.ts";
import { MeshDriver } from "./links/mesh_driver.ts";
import type { Epochs } from "./links/mesh_driver.ts";

/** Options of `MediaPaths`. */
export interface MediaPathsOptions {
  readonly api: Pick<CallsApi, "signal" | "iceServers" | "connectSfu">;
  readonly tabId: TabId;
  readonly local: MediaSource;
  readonly isRelayOnly: ReadonlySignal<boolean>;
  readonly openSfu: OpenSfu | null;
  readonly page: Window;
  readonly state: ReadonlySignal<CallState>;
  readonly plan: ReadonlySignal<MediaPlan>;
  readonly onEvent: (event: Extract<CallEvent, { type: "link" | "sfu" }>) => void;
}

type Peers = ReadonlyMap<ParticipantId, RemotePeer>;

const NOBODY: Peers = new Map();

/** How media of the call travel: by links from browser to browser, or through an SFU. */
export class MediaPaths implements Disposable {
  readonly #options: MediaPathsOptions;
  readonly #mesh = signal<{ readonly callId: CallId; readonly driver: MeshDriver } | null>(null);
  readonly #sfu = signal<SfuPath | null>(null);
  readonly #participants: ReadonlySignal<readonly Participant[]>;
  /** What is sent: of what is captured, what the others are told. A lobby captures more. */
  readonly #tracks: ReadonlySignal<Tracks>;
  #former: { readonly callId: CallId; readonly epochs: Epochs } | null = null;

  /** During a handover, each participant is seen by the path that works: one of the two ends before the other. */
  readonly peers: ReadonlySignal<Peers> = computed(() => {
    const links = this.#mesh.value?.driver.peers.value ?? NOBODY;
    const forwarded = this.#sfu.value?.peers.value ?? NOBODY;
    if (forwarded.size === 0) return links;
    const up = [...links].filter(([id, { phase }]) => !forwarded.has(id) || phase.value === "up");
    return new Map([...forwarded, ...up]);
  });
  readonly relayTrouble: ReadonlySignal<RelayTrouble> = computed(() =>
    this.#mesh.value?.driver.relayTrouble.value ?? null
  );

  constructor(options: MediaPathsOptions) {
    this.#options = options;
    this.#participants = computed(() => sessionOf(options.state.value)?.call?.participants ?? []);
    const told = steady(() => devicesOf(options.state.value));
    this.#tracks = computed(() => {
      const tracks = options.local.tracks.value;
      const { mic, cam, screen, screenAudio } = told.value;
      return {
        mic: mic ? tracks.mic : null,
        cam: cam ? tracks.cam : null,
        screen: screen ? tracks.screen : null,
        screenAudio: screenAudio ? tracks.screenAudio : null,
      };
    });
  }

  /** The last epoch of each link. */
  get epochs(): Epochs {
    return this.#mesh.peek()?.driver.epochs ?? {};
  }

  /** The links of this call continue after these epochs. */
  continueAfter(callId: CallId, epochs: Epochs): void {
    this.#former = { callId, epochs };
  }

  /** Keeps these links, and closes all others. */
  setLinks(own: LinkEnd | null, peers: readonly LinkEnd[]): void {
    const callId = sessionOf(this.#options.state.peek())?.callId ?? null;
    if (own === null || callId === null) return this.#closeMesh();
    this.#driverOf(callId).setLinks(own, peers);
  }

  /** Connects to the SFU, or leaves it. */
  setSfu(isWanted: boolean): void {
    this.#sfu.peek()?.[Symbol.dispose]();
    this.#sfu.value = null;
    const { openSfu, state, api, plan, onEvent } = this.#options;
    const session = sessionOf(state.peek());
    if (!isWanted || openSfu === null || session === null) return;
    const { callId, own } = session;
    if (callId === null || own === null) return;
    this.#sfu.value = openSfu({
      callId,
      own: own.participantId,
      participants: this.#participants,
      linked: computed(() => sessionOf(state.value)?.up ?? new Set<ParticipantId>()),
      tracks: this.#tracks,
      plan,
      connect: () => api.connectSfu.query({ callId }),
      relayOnly: () => this.#relayOnly(callId),
      onUp: (isUp) => onEvent({ type: "sfu", isUp }),
    });
  }

  /** The participation is over, or did not begin: what came for it before it began is closed. */
  end(): void {
    this.#closeMesh();
  }

  /** Hands a signal of the call to the links. */
  take(signal: Extract<CallUpdate, { type: "signal" }>): void {
    this.#driverOf(signal.callId).take(signal);
  }

  /** This device has changed its network. */
  networkChanged(): void {
    this.#mesh.peek()?.driver.networkChanged();
  }

  /** Closes everything. */
  [Symbol.dispose](): void {
    this.#closeMesh();
    this.setSfu(false);
  }

  async #relayOnly(callId: CallId): Promise<RTCConfiguration | null> {
    const { api, isRelayOnly } = this.#options;
    if (!isRelayOnly.peek()) return null;
    const { iceServers } = await api.iceServers.query({ callId });
    return {
      iceTransportPolicy: "relay",
      iceServers: iceServers.map(({ urls, ...rest }) => ({ ...rest, urls: [...urls] })),
    };
  }

  #closeMesh(): void {
    const mesh = this.#mesh.peek();
    this.#mesh.value = null;
    mesh?.driver[Symbol.dispose]();
  }

  #driverOf(callId: CallId): MeshDriver {
    const known = this.#mesh.peek();
    if (known?.callId === callId) return known.driver;
    this.#closeMesh();
    const { api, tabId, plan, isRelayOnly, page, onEvent } = this.#options;
    const driver = new MeshDriver({
      callId,
      takesMedia: sessionOf(this.#options.state.peek())?.purpose !== "files",
      tracks: this.#tracks,
      plan,
      readServers: () => api.iceServers.query({ callId }),
      isRelayOnly: () => isRelayOnly.peek(),
      find: (id) => this.#participants.peek().find(({ participantId }) => participantId === id) ?? null,
      send: (signal) => api.signal.mutate({ ...signal, tabId }),
      onChanged: ({ participantId, seq, isUp }) => onEvent({ type: "link", participantId, seq, isUp }),
      epochs: this.#former?.callId === callId ? this.#former.epochs : {},
      isHidden: () => page.document.visibilityState === "hidden",
      now: () => performance.now(),
    });
    this.#mesh.value = { callId, driver };
    return driver;
  }
}
