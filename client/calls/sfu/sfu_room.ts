import "../base.ts";
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { LogLevel, RemoteTrackPublication, Room, RoomEvent, setLogLevel, VideoQuality } from "livekit-client";
import type { RemoteParticipant } from "livekit-client";
import { pause, pauseUntilOpen } from "../../net/wait.ts";
import type { MediaKind, Participant } from "../../../shared/call/call_types.ts";
import type { LinkPhase } from "../../../shared/call/link_state.ts";
import { MESH_MAX_COUNT } from "../../../shared/call/mesh_limits.ts";
import type { ParticipantId } from "../../../shared/ids.ts";
import { MEDIA_KINDS, NO_TRACKS } from "../call_parts.ts";
import type { RemotePeer, SfuOptions, Tracks } from "../call_parts.ts";
import { SfuFigures } from "./sfu_figures.ts";
import { SfuPublisher } from "./sfu_publisher.ts";
import { kindOf } from "./sfu_tracks.ts";

/** Options of `SfuRoom`. */
export interface SfuRoomOptions extends SfuOptions {
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** Where LiveKit is, and how to reach it. */
export interface SfuServer {
  readonly url: string;
  readonly token: string;
  /** Null for the ways that LiveKit names. */
  readonly rtcConfig: RTCConfiguration | null;
}

/** Somebody who is in the mesh, but does not come to LiveKit, is not waited for any longer. */
const COMPLETE_MAX_MS = 20_000;
/** What arrives here may arrive a little later at the others, who lose the mesh when this device leaves it. */
const SETTLE_MS = 1_000;
/** LiveKit without its socket may be gone altogether: small calls do not wait longer. */
const STALL_MS = 1_000;
const CONNECT_MS = 8_000;
/** How often LiveKit's client tries to resume by itself, before everything begins anew. */
const RESUME_DELAYS_MS = [0, 300, 1_000, 2_000];
/** Up to 2 others in full size, up to 9 in half size. */
const FULL_SIZE_MAX_COUNT = 2;
const HALF_SIZE_MAX_COUNT = 9;

interface Known {
  readonly peer: RemotePeer;
  readonly tracks: Signal<Tracks>;
}

/** The room of a call in LiveKit, from joining until it is lost. */
export class SfuRoom implements Disposable {
  readonly #options: SfuRoomOptions;
  readonly #room: Room;
  readonly #known = signal<ReadonlyMap<ParticipantId, Known>>(new Map());
  readonly #phase = signal<LinkPhase>("connecting");
  readonly #ended = new AbortController();
  readonly #lost = Promise.withResolvers<void>();
  readonly #opened = new DisposableStack();
  readonly #figures: SfuFigures;
  #stallTimer: ReturnType<typeof setTimeout> | undefined;
  #isPublished: ReadonlySignal<boolean> | null = null;
  #isUp = false;

  readonly peers: ReadonlySignal<ReadonlyMap<ParticipantId, RemotePeer>> = computed(() =>
    new Map([...this.#known.value].map(([participantId, { peer }]) => [participantId, peer]))
  );

  constructor(options: SfuRoomOptions) {
    this.#options = options;
    setLogLevel(LogLevel.silent);
    this.#room = new Room({
      // Elements belong to the views, and tracks to LocalMedia.
      adaptiveStream: false,
      stopLocalTrackOnUnpublish: false,
      dynacast: true,
      reconnectPolicy: { nextRetryDelayInMs: ({ retryCount }) => RESUME_DELAYS_MS[retryCount] ?? null },
    });
    this.#figures = this.#opened.use(new SfuFigures(this.#room));
    const collect = () => this.#collect();
    this.#room
      .on(RoomEvent.ParticipantConnected, collect)
      .on(RoomEvent.ParticipantDisconnected, collect)
      .on(RoomEvent.TrackSubscribed, collect)
      .on(RoomEvent.TrackUnsubscribed, collect)
      .on(RoomEvent.SignalReconnecting, () => this.#stall())
      .on(RoomEvent.Reconnecting, () => this.#stall())
      .on(RoomEvent.Reconnected, () => this.#resume())
      .on(RoomEvent.Disconnected, () => this.#lost.resolve());
  }

  /** Joins; resolves when the room is lost or left, and rejects if it cannot be joined. */
  async run({ url, token, rtcConfig }: SfuServer): Promise<void> {
    const { signal, tracks, plan, participants } = this.#options;
    signal.addEventListener("abort", () => this[Symbol.dispose](), {
      once: true,
      signal: this.#ended.signal,
    });
    await this.#room.connect(url, token, {
      maxRetries: 0,
      websocketTimeout: CONNECT_MS,
      ...rtcConfig !== null && { rtcConfig },
    });
    if (signal.aborted) return;
    this.#phase.value = "up";
    const participant = this.#room.localParticipant;
    const publisher = this.#opened.use(
      new SfuPublisher({ participant, tracks, plan, signal: this.#ended.signal }),
    );
    this.#opened.defer(effect(() => {
      participants.value;
      untracked(() => this.#collect());
    }));
    this.#isPublished = publisher.isSettled;
    void this.#takeOver();
    await this.#lost.promise;
  }

  /** Leaves the room. */
  [Symbol.dispose](): void {
    this.#ended.abort();
    clearTimeout(this.#stallTimer);
    this.#opened.dispose();
    this.#lost.resolve();
    this.#room.removeAllListeners();
    this.#room.disconnect(false).catch(() => {});
  }

  /** Says that the mesh is not needed any more, once everything has arrived here and there. */
  async #takeOver(): Promise<void> {
    const { signal } = this.#options;
    const isPublished = this.#isPublished;
    const isComplete = computed(() => isPublished?.value === true && this.#hasAll());
    const late = AbortSignal.timeout(COMPLETE_MAX_MS);
    const lost = new AbortController();
    void this.#lost.promise.then(() => lost.abort());
    try {
      await pauseUntilOpen(isComplete, 0, AbortSignal.any([signal, late, lost.signal])).catch(() => {});
      await pause(SETTLE_MS, AbortSignal.any([signal, lost.signal]));
      if (this.#phase.peek() === "up") this.#setUp(true);
    } catch {
      // It was lost before.
    }
  }

  /** Whether everything has arrived that would be lost with the links of the mesh. */
  #hasAll(): boolean {
    const { participants, linked } = this.#options;
    return participants.value.every(({ participantId, media }) => {
      const tracks = this.#known.value.get(participantId)?.tracks.value;
      const isHere = (kind: MediaKind) => !media[kind] || (tracks !== undefined && tracks[kind] !== null);
      return !linked.value.has(participantId) || MEDIA_KINDS.every(isHere);
    });
  }

  #setUp(isUp: boolean): void {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    this.#options.onUp(isUp);
  }

  #stall(): void {
    if (this.#stallTimer !== undefined) return;
    this.#stallTimer = setTimeout(() => {
      this.#phase.value = "stalled";
      // Larger calls have nowhere else to go.
      if (this.#options.participants.peek().length <= MESH_MAX_COUNT) this.#setUp(false);
    }, STALL_MS);
  }

  #resume(): void {
    clearTimeout(this.#stallTimer);
    this.#stallTimer = undefined;
    this.#phase.value = "up";
    this.#collect();
    if (!this.#isUp) void this.#takeOver();
  }

  /** Takes over who is there, and what has arrived of them. Only participants of the call count. */
  #collect(): void {
    const { participants, own } = this.#options;
    batch(() => {
      const before = this.#known.peek();
      const now = new Map<ParticipantId, Known>();
      for (const one of participants.peek()) {
        const remote = this.#room.remoteParticipants.get(one.participantId);
        if (remote === undefined || one.participantId === own) continue;
        const known = before.get(one.participantId) ?? this.#makeKnown(one);
        known.tracks.value = sameOr(known.tracks.peek(), tracksOf(remote));
        now.set(one.participantId, known);
        this.#chooseSize(remote, participants.peek());
      }
      const isSame = now.size === before.size && [...now].every(([id, known]) => before.get(id) === known);
      if (!isSame) this.#known.value = now;
    });
  }

  #makeKnown({ participantId, userId }: Participant): Known {
    const tracks = signal<Tracks>(NO_TRACKS);
    const peer: RemotePeer = {
      participantId,
      userId,
      tracks,
      phase: this.#phase,
      figures: this.#figures.of(participantId),
      filesChannel: signal(null),
      // LiveKit decrypts what it forwards, so there is nothing to compare.
      safetyCode: () => Promise.resolve(null),
    };
    return { peer, tracks };
  }

  /** Faces beside a screen, and those of many, are small. */
  #chooseSize(remote: RemoteParticipant, participants: readonly Participant[]): void {
    const count = participants.length - 1;
    const isScreenShared = participants.some(({ media }) => media.screen);
    const quality = count > HALF_SIZE_MAX_COUNT || isScreenShared
      ? VideoQuality.LOW
      : count > FULL_SIZE_MAX_COUNT
      ? VideoQuality.MEDIUM
      : VideoQuality.HIGH;
    for (const publication of remote.videoTrackPublications.values()) {
      if (!(publication instanceof RemoteTrackPublication) || kindOf(publication.source) !== "cam") continue;
      if (publication.isSubscribed && publication.videoQuality !== quality) {
        publication.setVideoQuality(quality);
      }
    }
  }
}

function tracksOf(remote: RemoteParticipant): Tracks {
  const tracks: { [Kind in MediaKind]: MediaStreamTrack | null } = { ...NO_TRACKS };
  for (const { source, track } of remote.trackPublications.values()) {
    const kind = kindOf(source);
    if (kind !== null && track !== undefined) tracks[kind] = track.mediaStreamTrack;
  }
  return tracks;
}

function sameOr(before: Tracks, now: Tracks): Tracks {
  return MEDIA_KINDS.every((kind) => before[kind] === now[kind]) ? before : now;
}
