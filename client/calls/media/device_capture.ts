import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { DeviceId } from "./capture_constraints.ts";
import type { DeviceKind } from "./device_permission.ts";
import type { WantedDevice } from "./devices_model.ts";
import { TrackWatch } from "./track_watch.ts";

/** Options of `DeviceCapture`. */
export interface DeviceCaptureOptions {
  readonly kind: DeviceKind;
  /** The device to ask for, by the present choice. */
  readonly wanted: () => WantedDevice;
  /** Captures a device; null is the default. */
  readonly open: (id: DeviceId) => Promise<MediaStreamTrack>;
  /** Lists the devices again, after which `wanted` may name another one. */
  readonly refresh: () => Promise<void>;
  /** `isBack` is true if it is the device from before a change that failed. */
  readonly onOpened: (track: MediaStreamTrack, isBack: boolean) => void;
  /** `isOff` is false if the device from before was taken again. */
  readonly onFailed: (error: unknown, wanted: WantedDevice, isOff: boolean) => void;
}

/** One device: captured while it is wanted, by another one after a change, and anew when it has died. */
export class DeviceCapture implements Disposable {
  readonly #options: DeviceCaptureOptions;
  readonly #track = signal<MediaStreamTrack | null>(null);
  readonly #watch: TrackWatch;
  #isWanted = false;
  #isRunning = false;
  /** Why to capture again, although there is a track. */
  #renewal: "changed" | "dead" | null = null;

  /** The captured track; null while there is none. It changes from one device to the next without a gap. */
  readonly track: ReadonlySignal<MediaStreamTrack | null> = this.#track;

  constructor(options: DeviceCaptureOptions) {
    this.#options = options;
    this.#watch = new TrackWatch(() => this.#renew("dead"));
  }

  /** Whether it is captured, or about to be. */
  get isHeld(): boolean {
    return this.#isWanted;
  }

  /** Captures the device, or releases it at once. */
  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    if (isWanted) void this.#run();
    else this.#release();
  }

  /** The choice of device, or what is asked of it, has changed. */
  change(): void {
    this.#renew("changed");
  }

  /** The devices of the computer have changed: a dead one was pulled out, and is replaced without waiting. */
  devicesChanged(): void {
    // While another one is captured, the former has ended on purpose.
    if (!this.#isRunning && this.#track.peek()?.readyState === "ended") this.#renew("dead");
  }

  /** Releases the device. */
  [Symbol.dispose](): void {
    this.want(false);
    this.#watch[Symbol.dispose]();
  }

  #renew(why: "changed" | "dead"): void {
    if (!this.#isWanted || (this.#track.peek() === null && !this.#isRunning)) return;
    // A change of choice also mends what is dead.
    if (this.#renewal !== "changed") this.#renewal = why;
    void this.#run();
  }

  #release(): void {
    this.#renewal = null;
    this.#watch.follow(null);
    this.#track.peek()?.stop();
    this.#track.value = null;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#isWanted && (this.#track.peek() === null || this.#renewal !== null)) await this.#capture();
    } finally {
      this.#isRunning = false;
    }
  }

  async #capture(): Promise<void> {
    const { kind, wanted: find, onFailed } = this.#options;
    const before = this.#track.peek();
    const beforeId = before?.getSettings().deviceId ?? null;
    const isDead = this.#renewal === "dead";
    this.#renewal = null;
    // A camera that has died is not replaced by another one, even if none was chosen by name.
    const wanted = isDead && kind === "cam" && beforeId !== null
      ? { id: beforeId, label: before?.label ?? null }
      : find();
    // Where one capture silences the other, the former has to end first; the others still have its track meanwhile.
    this.#watch.follow(null);
    before?.stop();
    try {
      this.#opened(await this.#open(wanted));
    } catch (error) {
      if (!this.#isWanted) return;
      const isBack = before !== null && !isDead && await this.#goBack(beforeId);
      if (!this.#isWanted) return;
      if (!isBack) {
        this.#isWanted = false;
        this.#release();
      }
      onFailed(error, wanted, !isBack);
    }
  }

  async #open(wanted: WantedDevice): Promise<MediaStreamTrack> {
    const { kind, wanted: find, open, refresh } = this.#options;
    try {
      return await open(wanted.id);
    } catch (error) {
      if (wanted.id === null || !isMissing(error)) throw error;
      // The browser may have changed the ids, or the device is not there.
      await refresh();
      const again = find();
      if (again.id !== wanted.id && again.id !== null) return await open(again.id);
      if (kind === "mic") return await open(null);
      throw error;
    }
  }

  /** Takes the device from before the change. */
  async #goBack(id: string | null): Promise<boolean> {
    try {
      this.#opened(await this.#options.open(id), true);
      return true;
    } catch {
      return false;
    }
  }

  #opened(track: MediaStreamTrack, isBack = false): void {
    // It was switched off while the browser asked.
    if (!this.#isWanted) return track.stop();
    this.#options.onOpened(track, isBack);
    this.#watch.follow(track);
    this.#track.value = track;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.name === "OverconstrainedError" || error.name === "NotFoundError");
}
