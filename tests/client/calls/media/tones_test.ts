import { describe, expect, it } from "vitest";
import { openSoundTest, PATIENCE } from "./media_kit.ts";
import type { SoundTest } from "./media_kit.ts";
import type { SoundParts } from "./SoundPage.tsx";

/** Softer is not heard. */
const HEARD_MIN_LEVEL = 0.01;

describe("tones", () => {
  it("ring until they are stopped", async () => {
    await using test = await openSoundTest({ before: hearOutput });
    await test.run(({ tones }) => tones.play("ring"));
    await expectHeard(test);
    // It repeats, and without timers.
    await expect.poll(() => startCount(test), PATIENCE).toBe(1);
    expect(await test.page.evaluate(() => Reflect.get(globalThis, "isLooped"))).toEqual([true]);
    await test.run(({ tones }) => tones.play(null));
    await expectSilence(test);
    expect(await test.run(({ sounds }) => sounds.isRunning.value)).toBe(false);
    await test.run(({ tones }) => tones.play("ringback"));
    await expectHeard(test);
    await test.run(({ tones }) => tones[Symbol.dispose]());
    await expectSilence(test);
  });

  it("ring in one of several tabs, and in the next when that one closes", async () => {
    await using test = await openSoundTest({ before: hearOutput });
    const tabs = [await test.openTab(), await test.openTab()];
    for (const tab of tabs) await tab.run(({ tones }) => tones.play("ring"));
    const counts = () => Promise.all(tabs.map(startCount));
    await expect.poll(counts, PATIENCE).toContain(1);
    const [first, second] = (await counts())[0] === 1 ? tabs : tabs.toReversed();
    if (first === undefined || second === undefined) throw new Error("There are no tabs");
    await expectHeard(first);
    expect(await level(second, 300)).toBe(0);
    expect(await startCount(second)).toBe(0);
    await first[Symbol.asyncDispose]();
    await expect.poll(() => startCount(second), PATIENCE).toBe(1);
    await expectHeard(second);
  });

  it("wait for the first gesture of a tab", async () => {
    await using test = await openSoundTest({ asksForGesture: true, before: [hearOutput, ringAtOnce] });
    // Whatever a test evaluates counts as a gesture, but no event tells the page of it.
    await test.page.waitForFunction(() => Reflect.get(globalThis, "isRinging") === true);
    expect(await startCount(test)).toBe(0);
    await test.page.mouse.click(5, 5);
    await expect.poll(() => startCount(test), PATIENCE).toBe(1);
    await expectHeard(test);
  });

  it("tell of people who join small calls, unless one wants none", async () => {
    await using test = await openSoundTest({ before: hearOutput });
    await test.run(({ tones }) => tones.chime("join", 6));
    await expectHeard(test);
    await expect.poll(() => startCount(test), PATIENCE).toBe(1);
    await test.run(({ tones, preferences }) => {
      tones.chime("join", 7);
      preferences.set({ hasChimes: false });
      tones.chime("leave", 2);
    });
    await expectSilence(test);
    expect(await startCount(test)).toBe(1);
    await test.run(async ({ tones }) => await tones.test());
    expect(await startCount(test)).toBe(2);
  });

  it("come from the chosen loudspeaker, but it rings in the room", async () => {
    await using test = await openSoundTest({ before: hearOutput });
    await test.run(({ local }) => local.hold({ mic: true, cam: false, screen: false, screenAudio: false }));
    const speakers = () => test.run(({ devices }) => devices.lists.value.speakers.length);
    await expect.poll(speakers, PATIENCE).toBeGreaterThan(0);
    await test.run(async ({ devices, tones }) => {
      devices.choose("speaker", devices.lists.value.speakers[0] ?? null);
      await tones.test();
    });
    expect(await level(test, 100)).toBe(0);
    expect(await startCount(test)).toBe(1);
    expect(await sinks(test)).toEqual([{ isPlaying: false, liveCount: 0 }]);
    await test.run(({ tones }) => tones.play("ringback"));
    await expect.poll(() => sinks(test), PATIENCE).toContainEqual({ isPlaying: true, liveCount: 1 });
    // What has played it is freed.
    await test.run(({ tones }) => tones.play(null));
    await expect.poll(() => sinks(test), PATIENCE).toEqual([
      { isPlaying: false, liveCount: 0 },
      { isPlaying: false, liveCount: 0 },
    ]);
    await test.run(({ tones }) => tones.play("ring"));
    await expectHeard(test);
  });
});

async function expectHeard(test: SoundTest): Promise<void> {
  await expect.poll(() => level(test, 1_000), PATIENCE).toBeGreaterThan(HEARD_MIN_LEVEL);
}

async function expectSilence(test: SoundTest): Promise<void> {
  await expect.poll(() => level(test, 300), PATIENCE).toBe(0);
}

/** The loudest moment of what leaves the page by WebAudio. */
function level(test: SoundTest, withinMs: number): Promise<number> {
  return test.page.evaluate(
    (withinMs) => (Reflect.get(globalThis, "outputLevel") as (ms: number) => Promise<number>)(withinMs),
    withinMs,
  );
}

/** The elements that have played on a chosen loudspeaker, and the tracks that are alive in them. */
function sinks(test: SoundTest): Promise<{ isPlaying: boolean; liveCount: number }[]> {
  return test.page.evaluate(() =>
    (Reflect.get(globalThis, "sinks") as { element: HTMLMediaElement; stream: MediaStream }[]).map((
      { element, stream },
    ) => ({
      isPlaying: !element.paused && element.srcObject !== null,
      liveCount: stream.getTracks().filter(({ readyState }) => readyState === "live").length,
    }))
  );
}

function startCount(test: SoundTest): Promise<unknown> {
  return test.page.evaluate(() => (Reflect.get(globalThis, "isLooped") as boolean[]).length);
}

/** Runs in the page: listens to what goes to the loudspeaker. */
function hearOutput(): void {
  const heard = new Set<AnalyserNode>();
  const isLooped: boolean[] = [];
  const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode) => AudioNode;
  Object.assign(AudioNode.prototype, {
    connect(this: AudioNode, to: AudioNode): AudioNode {
      if (to instanceof AudioDestinationNode && this.context instanceof AudioContext) {
        const analyser = this.context.createAnalyser();
        heard.add(analyser);
        connect.call(this, analyser);
        this.context.addEventListener("statechange", () => {
          if (analyser.context.state === "closed") heard.delete(analyser);
        });
      }
      return connect.call(this, to);
    },
  });
  const sinks: { element: HTMLMediaElement; stream: unknown }[] = [];
  Object.assign(globalThis, { sinks });
  const { setSinkId } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.setSinkId = function (id) {
    if (id !== "") sinks.push({ element: this, stream: this.srcObject });
    return setSinkId.call(this, id);
  };
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function () {
    isLooped.push(this.loop);
    start.call(this);
  };
  const outputLevel = async (withinMs: number) => {
    const samples = new Float32Array(2_048);
    let loudest = 0;
    for (const endsAt = performance.now() + withinMs; performance.now() < endsAt;) {
      for (const analyser of heard) {
        analyser.getFloatTimeDomainData(samples);
        loudest = Math.max(loudest, ...samples);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return loudest;
  };
  Object.assign(globalThis, { outputLevel, isLooped });
}

/** Runs in the page: it rings before anybody has touched the page. */
function ringAtOnce(): void {
  const timer = setInterval(() => {
    const parts: SoundParts | undefined = Reflect.get(globalThis, "parts");
    if (parts === undefined) return;
    clearInterval(timer);
    parts.tones.play("ring");
    Object.assign(globalThis, { isRinging: true });
  });
}
