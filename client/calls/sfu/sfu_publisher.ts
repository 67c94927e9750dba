import { computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { LocalParticipant, LocalTrack, LocalTrackPublication } from "livekit-client";
import { pause } from "../../net/wait.ts";
import type { MediaKind } from "../../../shared/call/call_types.ts";
import type { MediaPlan } from "../../../shared/call/media_plan.ts";
import { MEDIA_KINDS } from "../call_parts.ts";
import type { SfuOptions } from "../call_parts.ts";
import { pictureConstraints } from "../media/capture_constraints.ts";
import { publishOptions } from "./sfu_tracks.ts";

/** Options of `SfuPublisher`. */
export interface SfuPublisherOptions extends Pick<SfuOptions, "tracks" | "plan"> {
  readonly participant: LocalParticipant;
  readonly signal: AbortSignal;
}

const RETRY_MS = 1_000;
/** Until the others have what replaces a track. */
const OVERLAP_MS = 1_500;

/** Sends the tracks of this device to LiveKit. They belong to `LocalMedia`, and are never stopped here. */
export class SfuPublisher implements Disposable {
  readonly #opened = new DisposableStack();

  /** Whether LiveKit has everything that is to be sent. */
  readonly isSettled: ReadonlySignal<boolean>;

  constructor(options: SfuPublisherOptions) {
    const published = MEDIA_KINDS.map((kind) => new PublishedTrack(kind, options));
    this.isSettled = computed(() => published.every(({ isSettled }) => isSettled.value));
    for (const one of published) {
      this.#opened.defer(effect(() => {
        const track = options.tracks.value[one.kind];
        const plan = options.plan.value;
        untracked(() => one.want(track, plan));
      }));
      this.#opened.use(one);
    }
  }

  /** Stops following the tracks. */
  [Symbol.dispose](): void {
    this.#opened.dispose();
  }
}

/** What LiveKit has of one kind. */
interface Published {
  readonly publication: LocalTrackPublication;
  readonly track: MediaStreamTrack;
  /** By the plan, of a camera. */
  readonly height: number;
  readonly isPaused: boolean;
}

/** One of the four tracks, changed in one step after the other. */
class PublishedTrack implements Disposable {
  readonly kind: MediaKind;
  readonly #options: SfuPublisherOptions;
  readonly #isSettled = signal(true);
  #wanted: MediaStreamTrack | null = null;
  #plan: MediaPlan | null = null;
  #published: Published | null = null;
  /** What LiveKit has in place of a track of `LocalMedia`. */
  #copy: { readonly of: MediaStreamTrack; readonly track: MediaStreamTrack } | null = null;

  readonly isSettled: ReadonlySignal<boolean> = this.#isSettled;

  constructor(kind: MediaKind, options: SfuPublisherOptions) {
    this.kind = kind;
    this.#options = options;
  }

  want(track: MediaStreamTrack | null, plan: MediaPlan): void {
    this.#wanted = track;
    this.#plan = plan;
    // Within the same turn, or the light of the camera would stay on.
    if (this.#copy?.of !== track) this.#stopCopy();
    if (this.#isSettled.peek()) void this.#run();
  }

  /** Stops its copy, if there is one. */
  [Symbol.dispose](): void {
    this.#stopCopy();
  }

  get #height(): number {
    return this.kind === "cam" ? this.#plan?.cam?.height ?? 0 : 0;
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    this.#isSettled.value = false;
    while (!signal.aborted && !this.#isDone()) {
      try {
        await this.#step();
      } catch {
        // The connection is being restored, or the track has ended meanwhile.
        await pause(RETRY_MS, signal).catch(() => {});
      }
    }
    this.#isSettled.value = true;
  }

  #isDone(): boolean {
    const published = this.#published;
    if (published === null || published.isPaused) return this.#wanted === null;
    return published.track === this.#wanted && published.height >= this.#height;
  }

  async #step(): Promise<void> {
    const [published, track] = [this.#published, this.#wanted];
    if (track === null) return await this.#silence();
    if (published === null) return await this.#publish(track);
    const sent = published.publication.track;
    if (sent === undefined) return await this.#unpublish();
    if (published.height < this.#height) return await this.#enlarge(track, sent);
    if (published.track !== track) {
      await sent.replaceTrack(track, { userProvidedTrack: true });
      // LiveKit mutes what has ended by itself, as when a microphone is pulled out.
      if (sent.isMuted) await sent.unmute();
    }
    await sent.resumeUpstream();
    this.#published = { ...published, track, isPaused: false };
  }

  /** A microphone is muted and unmuted often, so it stays published, and sends nothing. */
  async #silence(): Promise<void> {
    const published = this.#published;
    if (published === null) return;
    if (this.kind !== "mic" || published.publication.track === undefined) return await this.#unpublish();
    await published.publication.track.pauseUpstream();
    this.#published = { ...published, isPaused: true };
  }

  async #publish(track: MediaStreamTrack, isCopied = false): Promise<void> {
    const { participant, signal } = this.#options;
    const [plan, height] = [this.#plan, this.#height];
    if (plan === null) return;
    // The sizes that are sent follow from the one that is captured at this moment.
    if (this.kind === "cam") await track.applyConstraints(pictureConstraints(plan.cam));
    // It may have been switched off meanwhile.
    if (signal.aborted || track !== this.#wanted) return;
    const sent = isCopied ? this.#copyOf(track) : track;
    const publication = await participant.publishTrack(sent, publishOptions(this.kind, plan));
    this.#published = { publication, track, height, isPaused: false };
  }

  /**
   * After a handover, a camera that was published in the small size of the mesh is sent in all sizes. It is copied,
   * since LiveKit gives no answer to a track whose id it knows already.
   */
  async #enlarge(track: MediaStreamTrack, before: LocalTrack): Promise<void> {
    const { participant, signal } = this.#options;
    await this.#publish(track, true);
    if (this.#published?.publication.track === before) return;
    await pause(OVERLAP_MS, signal);
    await participant.unpublishTrack(before, false);
  }

  #copyOf(track: MediaStreamTrack): MediaStreamTrack {
    this.#stopCopy();
    this.#copy = { of: track, track: track.clone() };
    return this.#copy.track;
  }

  #stopCopy(): void {
    this.#copy?.track.stop();
    this.#copy = null;
  }

  async #unpublish(): Promise<void> {
    const track: LocalTrack | undefined = this.#published?.publication.track;
    this.#published = null;
    if (track !== undefined) await this.#options.participant.unpublishTrack(track, false);
  }
}
