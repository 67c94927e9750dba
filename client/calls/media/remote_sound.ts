import { effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { ParticipantId } from "../../../shared/ids.ts";
import type { RemotePeer } from "../call_parts.ts";
import type { DevicesModel } from "./devices_model.ts";
import { GESTURES } from "./sound_context.ts";
import type { SoundContext } from "./sound_context.ts";
import { SoundPlayer } from "./sound_player.ts";

/** Options of `RemoteSound`. */
export interface RemoteSoundOptions {
  readonly peers: ReadonlySignal<ReadonlyMap<ParticipantId, RemotePeer>>;
  readonly devices: DevicesModel;
  readonly sounds: SoundContext;
}

const SOUND_KINDS = ["mic", "screenAudio"] as const;

interface Played {
  readonly player: SoundPlayer;
  readonly peer: RemotePeer;
  readonly kind: (typeof SOUND_KINDS)[number];
}

/** Everything that one hears of the others: each voice and each shared sound by itself. */
export class RemoteSound implements Disposable {
  readonly #options: RemoteSoundOptions;
  readonly #played = new Map<string, Played>();
  readonly #screenVolumes = signal<ReadonlyMap<ParticipantId, number>>(new Map());
  readonly #blocked = new Set<string>();
  readonly #needsGesture = signal(false);
  readonly #stop = new AbortController();
  readonly #stops: (() => void)[];

  /** Whether the browser waits for a click or a key before anything is heard. */
  readonly needsGesture: ReadonlySignal<boolean> = this.#needsGesture;

  constructor(options: RemoteSoundOptions) {
    this.#options = options;
    const { preferences } = options.devices;
    this.#stops = [
      effect(() => this.#follow()),
      effect(() => {
        // Only read, so that this runs again.
        preferences.volumes.value;
        this.#screenVolumes.value;
        untracked(() => this.#setVolumes());
      }),
      effect(() => {
        const sink = options.devices.wantedSpeaker();
        for (const { player } of this.#played.values()) player.setSink(sink);
      }),
    ];
    const listening = { signal: this.#stop.signal, capture: true, passive: true };
    for (const type of GESTURES) {
      globalThis.addEventListener(type, () => this.#needsGesture.peek() && this.retry(), listening);
    }
    // A phone call pauses elements.
    document.addEventListener("visibilitychange", () => this.retry(), listening);
  }

  /** How loud the sound of a shared screen is, from 0 to 1; it is forgotten with the participant. */
  screenVolumeOf(participantId: ParticipantId): number {
    return this.#screenVolumes.value.get(participantId) ?? 1;
  }

  /** Sets how loud the sound of a shared screen is, from 0 to 1. */
  setScreenVolume(participantId: ParticipantId, volume: number): void {
    this.#screenVolumes.value = new Map([...this.#screenVolumes.peek(), [participantId, volume]]);
  }

  /** Plays what is not played yet; any gesture does this too. */
  retry(): void {
    for (const { player } of this.#played.values()) void player.play();
  }

  /** Stops and frees all sounds. */
  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    this.#stop.abort();
    for (const key of [...this.#played.keys()]) this.#drop(key);
  }

  #follow(): void {
    const peers = this.#options.peers.value;
    const wanted = new Set<string>();
    for (const peer of peers.values()) {
      const tracks = peer.tracks.value;
      for (const kind of SOUND_KINDS) {
        const track = tracks[kind];
        if (track === null) continue;
        const key = `${kind} ${peer.participantId}`;
        wanted.add(key);
        untracked(() => this.#play(key, { peer, kind, track }));
      }
    }
    for (const key of [...this.#played.keys()]) if (!wanted.has(key)) this.#drop(key);
    untracked(() => this.#forgetVolumes(peers));
  }

  #play(
    key: string,
    { peer, kind, track }: Omit<Played, "player"> & { readonly track: MediaStreamTrack },
  ): void {
    const before = this.#played.get(key);
    if (before !== undefined) {
      this.#played.set(key, { ...before, peer });
      if (!before.player.plays(track)) before.player.replace(track);
      return;
    }
    const { sounds, devices } = this.#options;
    const player = new SoundPlayer(track, {
      sounds,
      onBlocked: (isBlocked) => this.#setBlocked(key, isBlocked),
    });
    player.name = key;
    this.#played.set(key, { player, peer, kind });
    player.setSink(devices.wantedSpeaker());
    this.#setVolumes();
  }

  #drop(key: string): void {
    this.#played.get(key)?.player[Symbol.dispose]();
    this.#played.delete(key);
  }

  #setVolumes(): void {
    const { preferences } = this.#options.devices;
    for (const { player, peer, kind } of this.#played.values()) {
      player.setVolume(
        kind === "mic" ? preferences.volumeOf(peer.userId) : this.screenVolumeOf(peer.participantId),
      );
    }
  }

  #forgetVolumes(peers: ReadonlyMap<ParticipantId, RemotePeer>): void {
    const before = [...this.#screenVolumes.peek()];
    const left = before.filter(([participantId]) => peers.has(participantId));
    if (left.length < before.length) this.#screenVolumes.value = new Map(left);
  }

  #setBlocked(key: string, isBlocked: boolean): void {
    if (isBlocked) this.#blocked.add(key);
    else this.#blocked.delete(key);
    this.#needsGesture.value = this.#blocked.size > 0;
  }
}
