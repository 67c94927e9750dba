import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { JoiningMedia, Media } from "../../shared/call/call_types.ts";
import { RING_MAX_COUNT } from "../../shared/call/call_limits.ts";
import type { UserId } from "../../shared/ids.ts";
import type { CallPreferences } from "./media/call_preferences.ts";
import type { LocalMedia } from "./media/local_media.ts";

/** Options of `LobbyModel`. */
export interface LobbyOptions {
  /** Null while the devices belong to a call that is under way. */
  readonly local: Pick<LocalMedia, "hold" | "failures" | "dismissFailure"> | null;
  readonly preferences: CallPreferences;
}

const NOTHING: Media = { mic: false, cam: false, screen: false, screenAudio: false };

/** What somebody is about to join a call with. The devices are captured meanwhile, so that one sees and hears them. */
export class LobbyModel implements Disposable {
  readonly #options: LobbyOptions;
  readonly #wanted = signal<JoiningMedia>({ mic: true, cam: false });
  readonly #rings = signal<ReadonlySet<UserId>>(new Set());
  readonly #stop: () => void;

  /** Whether the person joins without any device; remembered. */
  readonly listensOnly: ReadonlySignal<boolean>;
  /** What is on. */
  readonly media: ReadonlySignal<JoiningMedia> = computed(() =>
    this.listensOnly.value ? { mic: false, cam: false } : this.#wanted.value
  );
  /** Who is to be called. */
  readonly rings: ReadonlySignal<ReadonlySet<UserId>> = this.#rings;
  /** Whether as many are chosen as may be called at once. */
  readonly isRingFull: ReadonlySignal<boolean> = computed(() => this.#rings.value.size >= RING_MAX_COUNT);

  constructor(options: LobbyOptions) {
    this.#options = options;
    const { local, preferences } = options;
    this.listensOnly = preferences.pick("listensOnly");
    this.#wanted.value = { mic: !preferences.settings.peek().joinsMuted, cam: false };
    const capture = effect(() => {
      const media = { ...NOTHING, ...this.media.value };
      untracked(() => local?.hold(media));
    });
    // What did not start is off, and joining does not ask again.
    const follow = effect(() => {
      const failures = local?.failures.value ?? new Map();
      const { mic, cam } = this.#wanted.peek();
      const wanted = { mic: mic && !failures.has("mic"), cam: cam && !failures.has("cam") };
      if (wanted.mic !== mic || wanted.cam !== cam) this.#wanted.value = wanted;
    });
    this.#stop = () => {
      capture();
      follow();
    };
  }

  /** Switches the microphone or the camera on or off. */
  toggle(kind: keyof JoiningMedia): void {
    const { preferences } = this.#options;
    const now = this.media.peek();
    batch(() => {
      this.#wanted.value = { ...now, [kind]: !now[kind] };
      if (this.listensOnly.peek()) preferences.set({ listensOnly: false });
      if (kind === "mic") preferences.set({ joinsMuted: now.mic });
    });
  }

  /** Joins without any device, or with the microphone. */
  setListensOnly(listensOnly: boolean): void {
    batch(() => {
      if (!listensOnly) this.#wanted.value = { mic: true, cam: false };
      this.#options.preferences.set({ listensOnly });
    });
    if (listensOnly) this.#dismissFailures();
  }

  /** Tries again what has failed. */
  retry(): void {
    const failed = [...this.#options.local?.failures.peek().keys() ?? []];
    this.#wanted.value = {
      mic: this.#wanted.peek().mic || failed.includes("mic"),
      cam: this.#wanted.peek().cam || failed.includes("cam"),
    };
  }

  /** Chooses somebody to call, or not. */
  toggleRing(userId: UserId): void {
    const rings = new Set(this.#rings.peek());
    if (!rings.delete(userId) && !this.isRingFull.peek()) rings.add(userId);
    this.#rings.value = rings;
  }

  /** Stops capturing for the lobby; `isJoining` leaves the devices to the call. */
  leave(isJoining: boolean): void {
    this.#stop();
    // They were read here, and nobody is told of them again in the call.
    this.#dismissFailures();
    if (!isJoining) this.#options.local?.hold(NOTHING);
  }

  /** Releases the devices. */
  [Symbol.dispose](): void {
    this.leave(false);
  }

  #dismissFailures(): void {
    const { local } = this.#options;
    for (const kind of local?.failures.peek().keys() ?? []) local?.dismissFailure(kind);
  }
}
