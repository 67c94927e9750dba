import { describe, expect, it } from "vitest";
import { OFF, openSoundTest, PATIENCE } from "./media_kit.ts";
import type { SoundTest } from "./media_kit.ts";
import { BEEP_MIN_LEVEL } from "./media_proofs.ts";
import { writeWav } from "./wav_file.ts";

describe("levels", () => {
  it("show who is heard, who speaks, and one's own microphone", async () => {
    await using test = await openSoundTest();
    await hold(test, { mic: true });
    const loudest = (who: "own" | "peer") => highest(test, who);
    await expect.poll(() => loudest("own"), PATIENCE).toBeGreaterThan(BEEP_MIN_LEVEL);
    const speaker = () => test.run(({ meter, own }) => meter.speaker.value === own);
    await expect.poll(speaker, PATIENCE).toBe(true);
    await test.run(async ({ local, peers, openLoopbackPeer }) => {
      const { peer } = await openLoopbackPeer({ mic: local.tracks.value.mic });
      peers.value = new Map([[peer.participantId, peer]]);
    });
    await expect.poll(() => loudest("peer"), PATIENCE).toBeGreaterThan(BEEP_MIN_LEVEL);
    // Muted here, but still sent by the connection of the test.
    await test.run(({ local, isInCall }, off) => {
      isInCall.value = true;
      local.hold(off);
    }, OFF);
    const isPeerSpeaking = () =>
      test.run(({ meter, peers }) => meter.speaker.value !== null && peers.value.has(meter.speaker.value));
    await expect.poll(isPeerSpeaking, PATIENCE).toBe(true);
    expect(await test.run(({ meter, own }) => meter.levels.value.has(own))).toBe(false);
  });

  it("are freed with their tracks", async () => {
    await using test = await openSoundTest({ before: countNodes });
    const nodes = () => test.page.evaluate(() => Reflect.get(globalThis, "nodes"));
    await hold(test, { mic: true });
    expect(await nodes()).toEqual({ made: 1, freed: 0 });
    await hold(test, {});
    expect(await nodes()).toEqual({ made: 1, freed: 1 });
    await hold(test, { mic: true });
    await test.run(({ meter }) => meter[Symbol.dispose]());
    expect(await nodes()).toEqual({ made: 2, freed: 2 });
  });

  it("tell who talks while muted", async () => {
    await using voice = await writeWav(0.5);
    await using test = await openSoundTest({ microphoneFile: voice.path });
    await test.run(({ isInCall, preferences }) => {
      isInCall.value = true;
      // Steady tones are noise to it.
      preferences.set({ suppressesNoise: false });
    });
    await hold(test, { mic: true });
    await expect.poll(() => highest(test, "own"), PATIENCE).toBeGreaterThan(BEEP_MIN_LEVEL);
    const isWarned = () => test.run(({ meter }) => meter.isTalkingWhileMuted.value);
    expect(await isWarned()).toBe(false);
    await hold(test, {});
    await expect.poll(isWarned, PATIENCE).toBe(true);
    await hold(test, { mic: true });
    await expect.poll(isWarned, PATIENCE).toBe(false);
  });

  it("tell of a microphone without any sound after ten seconds", async () => {
    await using silence = await writeWav(0);
    await using test = await openSoundTest({ microphoneFile: silence.path });
    await hold(test, { mic: true });
    const sinceMs = performance.now();
    const isSilent = () => test.run(({ meter }) => meter.isMicSilent.value);
    await expect.poll(isSilent, PATIENCE).toBe(true);
    expect(performance.now() - sinceMs).toBeGreaterThan(8_000);
    await hold(test, {});
    await expect.poll(isSilent, PATIENCE).toBe(false);
  });
});

async function hold(test: SoundTest, media: { readonly mic?: boolean }): Promise<void> {
  await test.run(({ local }, media) => local.hold(media), { ...OFF, ...media });
  const isOn = () => test.run(({ local }) => local.tracks.value.mic !== null);
  await expect.poll(isOn, PATIENCE).toBe(media.mic ?? false);
}

/** The highest level within a little more than the second between two beeps. */
function highest(test: SoundTest, who: "own" | "peer"): Promise<number> {
  return test.run(async ({ meter, own }, who) => {
    let level = 0;
    for (const endsAt = performance.now() + 1_200; performance.now() < endsAt;) {
      const peer = [...meter.levels.value].find(([id]) => id !== own)?.[1] ?? 0;
      level = Math.max(level, who === "own" ? meter.ownLevel.value : peer);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return level;
  }, who);
}

/** Runs in the page: counts analysers that are made and disconnected. */
function countNodes(): void {
  const counts = { made: 0, freed: 0 };
  Object.assign(globalThis, { nodes: counts });
  const create = AudioContext.prototype.createAnalyser;
  AudioContext.prototype.createAnalyser = function () {
    counts.made++;
    return create.call(this);
  };
  const disconnect = AudioNode.prototype.disconnect;
  AudioNode.prototype.disconnect = function (this: AudioNode, ...args: unknown[]) {
    if (this instanceof AnalyserNode) counts.freed++;
    Reflect.apply(disconnect, this, args);
  };
}
