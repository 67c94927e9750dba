/** How long a local track may be silent or dead, as during a phone call, before it is captured anew. */
const DEAD_TRACK_MS = 2_000;

/**
 * Notices that a captured track has died: the browser ended it, or mutes it as iOS does during a phone call and in the
 * background, where the track stays live but silent for ever.
 */
export class TrackWatch implements Disposable {
  readonly #onDead: () => void;
  readonly #stop = new AbortController();
  #track: MediaStreamTrack | null = null;
  #unfollow = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** A new track that is muted from the start would be replaced for ever. */
  #wasAlive = false;

  /** Watches the page; `onDead` is called while it is visible, since hidden pages may capture nothing. */
  constructor(onDead: () => void) {
    this.#onDead = onDead;
    document.addEventListener("visibilitychange", () => this.#lookAgain(), { signal: this.#stop.signal });
  }

  /** Watches another track, or none. */
  follow(track: MediaStreamTrack | null): void {
    clearTimeout(this.#timer);
    this.#unfollow.abort();
    this.#unfollow = new AbortController();
    this.#track = track;
    this.#wasAlive = track?.muted === false;
    if (track === null) return;
    const { signal } = this.#unfollow;
    for (const type of ["mute", "ended"]) track.addEventListener(type, () => this.#wait(), { signal });
    track.addEventListener("unmute", () => this.#recovered(), { signal });
  }

  /** Stops watching. */
  [Symbol.dispose](): void {
    this.follow(null);
    this.#stop.abort();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), DEAD_TRACK_MS);
  }

  #recovered(): void {
    clearTimeout(this.#timer);
    this.#wasAlive = true;
  }

  /** What died in the background is captured anew as soon as one looks, and what is still muted has its chance. */
  #lookAgain(): void {
    if (document.visibilityState !== "visible") return;
    this.#wasAlive = true;
    this.#check();
  }

  #check(): void {
    const track = this.#track;
    if (track === null || document.visibilityState !== "visible") return;
    const isDead = track.readyState === "ended" || (track.muted && this.#wasAlive);
    if (isDead) this.#onDead();
  }
}
