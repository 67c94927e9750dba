import { scaleDownBy } from "../../../shared/call/media_plan.ts";
import type { PicturePlan, SoundPlan } from "../../../shared/call/media_plan.ts";

type TrackPlan = PicturePlan | SoundPlan | null;

/** The types of the DOM do not know the options yet; browsers that do not either ignore them. */
interface KeyFrameSender {
  setParameters(
    parameters: RTCRtpSendParameters,
    options: { readonly encodingOptions: readonly { readonly keyFrame: boolean }[] },
  ): Promise<void>;
}

/** What a sender begins with. */
export interface SenderPlanOptions {
  readonly track: MediaStreamTrack | null;
  readonly plan: TrackPlan;
}

/** Lets a sender send a track within the limits of its plan. Browsers refuse two changes at once. */
export class SenderPlan {
  readonly #sender: RTCRtpSender;
  #track: MediaStreamTrack | null;
  #plan: TrackPlan;
  #sent: MediaStreamTrack | null = null;
  /** The limits that are set. */
  #limited = "";
  #isKeyFrameDue = false;
  #isRunning = false;
  #isChanged = false;

  constructor(sender: RTCRtpSender, { track, plan }: SenderPlanOptions) {
    this.#sender = sender;
    this.#track = track;
    this.#plan = plan;
    this.#run();
  }

  /** Sends this track instead; null sends nothing. */
  setTrack(track: MediaStreamTrack | null): void {
    this.#track = track;
    this.#run();
  }

  /**
   * Sets the limits. Cameras change their size a while after they are asked to, so it is looked at again.
   *
   * A key frame is due when a dead path is back: Chromium asks its peer for one only each 3 s, and has asked in vain.
   */
  setPlan(plan: TrackPlan, isKeyFrameDue = false): void {
    this.#plan = plan;
    this.#isKeyFrameDue ||= isKeyFrameDue;
    this.#run();
  }

  #run(): void {
    this.#isChanged = true;
    if (!this.#isRunning) void this.#apply();
  }

  async #apply(): Promise<void> {
    this.#isRunning = true;
    while (this.#isChanged) {
      this.#isChanged = false;
      try {
        if (this.#sent !== this.#track) {
          const track = this.#track;
          await this.#sender.replaceTrack(track);
          this.#sent = track;
        }
        await this.#limit();
      } catch {
        // The connection was closed, or the track has ended; the next change finds out.
      }
    }
    this.#isRunning = false;
  }

  async #limit(): Promise<void> {
    const plan = this.#plan;
    const parameters = this.#sender.getParameters();
    const [encoding] = parameters.encodings;
    if (plan === null || encoding === undefined) return;
    const limits: RTCRtpEncodingParameters = { maxBitrate: plan.maxBitrate };
    if ("frameRate" in plan) {
      limits.maxFramerate = plan.frameRate;
      limits.scaleResolutionDownBy = scaleDownBy(plan, this.#track?.getSettings().height ?? 0);
    }
    const preference = "degradationPreference" in plan ? plan.degradationPreference : undefined;
    // Not every browser returns what was set.
    const key = JSON.stringify([limits, preference]);
    const keyFrame = this.#isKeyFrameDue;
    if (key === this.#limited && !keyFrame) return;
    // Another may become due while these are set.
    this.#isKeyFrameDue = false;
    Object.assign(encoding, limits);
    if (preference) parameters.degradationPreference = preference;
    const options = { encodingOptions: [{ keyFrame }] };
    await (this.#sender as KeyFrameSender).setParameters(parameters, options);
    this.#limited = key;
  }
}
