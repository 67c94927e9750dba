import { describe, expect, it } from "vitest";
import { SenderPlan } from "../../../../client/calls/links/sender_plan.ts";
import type { PicturePlan } from "../../../../shared/call/media_plan.ts";
import { waitFor } from "../../../support/wait.ts";

const PICTURE = {
  height: 240,
  frameRate: 15,
  maxBitrate: 150_000,
  degradationPreference: "balanced",
} as unknown as PicturePlan;

/** A sender, and whether each change of it came with a key frame, in order. */
function openSender(plan: PicturePlan) {
  const options: (boolean | undefined)[] = [];
  const sender = {
    getParameters: () => ({ encodings: [{}] }),
    setParameters: (_: unknown, given?: { encodingOptions: { keyFrame: boolean }[] }) =>
      Promise.resolve(void options.push(given?.encodingOptions[0]?.keyFrame)),
  } as unknown as RTCRtpSender;
  return { options, plan: new SenderPlan(sender, { track: null, plan }) };
}

describe("SenderPlan", () => {
  it("sends one key frame each time that it is asked to, though no limit has changed", async () => {
    const { options, plan } = openSender(PICTURE);
    await waitFor(() => options.length === 1);
    plan.setPlan(PICTURE, true);
    plan.setPlan(PICTURE);
    await waitFor(() => options.length === 2);
    plan.setPlan({ ...PICTURE, maxBitrate: 300_000 });
    await waitFor(() => options.length === 3);
    expect(options).toEqual([false, true, false]);
  });

  it("limits the encoder by the plan: bit rate, frame rate, size, and what gives way first", async () => {
    const sent: RTCRtpSendParameters[] = [];
    const sender = {
      getParameters: () => ({ encodings: [{}] }),
      setParameters: (parameters: RTCRtpSendParameters) => Promise.resolve(void sent.push(parameters)),
      replaceTrack: () => Promise.resolve(),
    } as unknown as RTCRtpSender;
    const track = { getSettings: () => ({ height: 480 }) } as unknown as MediaStreamTrack;
    new SenderPlan(sender, { track, plan: PICTURE });
    await waitFor(() => sent.length === 1);
    expect(sent).toEqual([{
      encodings: [{ maxBitrate: 150_000, maxFramerate: 15, scaleResolutionDownBy: 2 }],
      degradationPreference: "balanced",
    }]);
  });
});
