import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../../support/browser.ts";
import { openCallBrowser } from "../../support/call_browser.ts";
import { callOfTwo } from "../../support/call_page/call_device.ts";

const LONG_MS = 90_000;
const PATIENCE = { timeout: 30_000 };

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("the sound of a shared screen", () => {
  it("arrives in stereo", async () => {
    await using call = await callOfTwo(browser);
    const { ana, bo } = call;
    await ana.page.evaluate(shareLeftSound);
    await ana.media({ screen: true, screenAudio: true });
    const selector = bo.elementOf(ana.person.id, "screenAudio");
    await expect.poll(() => bo.page.evaluate(sidesOf, selector), PATIENCE).toEqual({
      left: true,
      right: false,
    });
  }, LONG_MS);
});

/** Runs in the page: what is shared has a tone on the left, and nothing on the right. */
function shareLeftSound(): void {
  navigator.mediaDevices.getDisplayMedia = () => {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d")?.fillRect(0, 0, 1, 1);
    const context = new AudioContext();
    const sink = new MediaStreamAudioDestinationNode(context, { channelCount: 2 });
    const tone = new OscillatorNode(context, { frequency: 440 });
    tone.connect(new StereoPannerNode(context, { pan: -1 })).connect(sink);
    tone.start();
    const stream = canvas.captureStream(5);
    for (const track of sink.stream.getTracks()) stream.addTrack(track);
    return Promise.resolve(stream);
  };
}

/** Runs in the page: on which sides something is heard, within a second. */
async function sidesOf(selector: string): Promise<{ left: boolean; right: boolean }> {
  const stream = document.querySelector<HTMLMediaElement>(selector)?.srcObject;
  if (!(stream instanceof MediaStream)) return { left: false, right: false };
  const context = new AudioContext();
  const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
  context.createMediaStreamSource(stream).connect(splitter);
  const sides = [0, 1].map((side) => {
    const analyser = new AnalyserNode(context);
    splitter.connect(analyser, side);
    return { analyser, loudest: 0 };
  });
  const samples = new Float32Array(2_048);
  for (const endsAt = performance.now() + 1_000; performance.now() < endsAt;) {
    for (const side of sides) {
      side.analyser.getFloatTimeDomainData(samples);
      side.loudest = Math.max(side.loudest, ...samples);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await context.close();
  const [left = 0, right = 0] = sides.map(({ loudest }) => loudest);
  return { left: left > 0.1, right: right > 0.02 };
}
