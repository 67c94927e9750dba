import { scaleDownBy } from "../../../shared/call/media_plan.ts";
import type { PicturePlan, SoundPlan } from "../../../shared/call/media_plan.ts";

type TrackPlan = PicturePlan | SoundPlan | null;

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

  /** Sets the limits. Cameras change their size a while after they are asked to, so it is looked at again. */
  setPlan(plan: TrackPlan): void {
    this.#plan = plan;
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
    if (key === this.#limited) return;
    Object.assign(encoding, limits);
    if (preference !== undefined) parameters.degradationPreference = preference;
    await this.#sender.setParameters(parameters);
    this.#limited = key;
  }
}
