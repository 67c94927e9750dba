import { describe, expect, it } from "vitest";
import { soundLevel } from "../../../support/call_browser.ts";
import { OFF, openSoundTest, PATIENCE } from "./media_kit.ts";
import type { SoundTest } from "./media_kit.ts";
import type { SoundParts } from "./SoundPage.tsx";
import { BEEP_MIN_LEVEL, expectSound } from "./media_proofs.ts";

describe("the sound of others", () => {
  it("is heard, turned down and freed by person", async () => {
    await using test = await openSoundTest();
    await join(test);
    await expectSound(test, "audio");
    const elements = () => test.page.locator("audio").count();
    expect(await elements()).toBe(1);
    const volumes = () =>
      test.page.evaluate(() => [...document.querySelectorAll("audio")].map(({ volume }) => volume));
    await test.run(({ preferences, peers }) => {
      const [peer] = peers.value.values();
      if (peer !== undefined) preferences.setVolume(peer.userId, 0.25);
    });
    expect(await volumes()).toEqual([0.25]);
    await test.run(({ peers }) => void (peers.value = new Map()));
    expect(await elements()).toBe(0);
    expect(await test.run(({ preferences }) => preferences.volumes.value.size)).toBe(1);
  });

  it("of a shared screen has a volume of its own", async () => {
    await using test = await openSoundTest();
    await test.run(
      ({ local }, off) => local.hold({ ...off, mic: true, screen: true, screenAudio: true }),
      OFF,
    );
    await expect.poll(() => test.run(({ local }) => local.tracks.value.screenAudio !== null), PATIENCE).toBe(
      true,
    );
    await connect(test, ["mic", "screenAudio"]);
    await expect.poll(() => test.page.locator("audio").count(), PATIENCE).toBe(2);
    const volumes = await test.run(({ remote, peers }) => {
      for (const id of peers.value.keys()) remote.setScreenVolume(id, 0.5);
      return [...document.querySelectorAll("audio")]
        .map(({ dataset, volume }) => `${dataset.sound?.split(" ")[0]} ${volume}`).sort();
    });
    expect(volumes).toEqual(["mic 1", "screenAudio 0.5"]);
    await expectSound(test, "audio[data-sound^=screenAudio]");
    const left = await test.run(({ peers, remote }) => {
      const [id] = peers.value.keys();
      peers.value = new Map();
      return id === undefined ? null : remote.screenVolumeOf(id);
    });
    expect(left).toBe(1);
  });

  it("goes on when the track of a peer is replaced", async () => {
    await using test = await openSoundTest();
    await join(test);
    await expectSound(test, "audio");
    await test.page.evaluate(() => document.querySelector("audio")?.setAttribute("data-same", ""));
    await test.run(async ({ local, peers, openLoopbackPeer }) => {
      const [before] = peers.value.values();
      const next = await openLoopbackPeer({ mic: local.tracks.value.mic });
      if (before === undefined) return;
      const peer = { ...next.peer, participantId: before.participantId, userId: before.userId };
      peers.value = new Map([[peer.participantId, peer]]);
    });
    await expectSound(test, "audio[data-same]");
    expect(await test.page.locator("audio").count()).toBe(1);
  });

  it("waits for a gesture where the browser asks for one", async () => {
    // Everything that a test evaluates counts as a gesture, so the page has to do this by itself.
    await using test = await openSoundTest({ asksForGesture: true, before: letSomebodyJoin });
    const needsGesture = () => test.run(({ remote }) => remote.needsGesture.value);
    await expect.poll(needsGesture, PATIENCE).toBe(true);
    const isPaused = () => test.page.evaluate(() => document.querySelector("audio")?.paused);
    expect(await isPaused()).toBe(true);
    await test.page.mouse.click(5, 5);
    await expect.poll(needsGesture, PATIENCE).toBe(false);
    expect(await isPaused()).toBe(false);
  });

  it("comes from the chosen loudspeaker", async () => {
    await using test = await openSoundTest();
    await join(test);
    await expect.poll(() => test.run(({ devices }) => devices.lists.value.speakers.length), PATIENCE)
      .toBeGreaterThan(0);
    const chosen = await test.run(({ devices }) => {
      const speaker = devices.lists.value.speakers.at(-1) ?? null;
      devices.choose("speaker", speaker);
      return speaker?.id;
    });
    const sink = () =>
      test.page.evaluate(() => Reflect.get(document.querySelector("audio") ?? {}, "sinkId") as unknown);
    await expect.poll(sink, PATIENCE).toBe(chosen);
    await expectSound(test, "audio");
    await test.run(({ devices }) => devices.choose("speaker", null));
    await expect.poll(sink, PATIENCE).toBe("");
  });

  it("is turned down by WebAudio where elements have no volume", async () => {
    await using test = await openSoundTest({
      before: () => {
        // As on iOS.
        Object.defineProperty(HTMLMediaElement.prototype, "volume", { get: () => 1, set: () => {} });
        const gains: GainNode[] = [];
        Object.assign(globalThis, { gains });
        const create = AudioContext.prototype.createGain;
        AudioContext.prototype.createGain = function () {
          const gain = create.call(this);
          gains.push(gain);
          return gain;
        };
      },
    });
    await join(test);
    await expectSound(test, "audio");
    await test.run(({ preferences, peers }) => {
      for (const { userId } of peers.value.values()) preferences.setVolume(userId, 0.5);
    });
    const seen = await test.page.evaluate(() => {
      const [gain] = Reflect.get(globalThis, "gains") as GainNode[];
      return { isMuted: document.querySelector("audio")?.muted, gain: gain?.gain.value };
    });
    expect(seen).toEqual({ isMuted: true, gain: 0.5 });
  });

  it("ends with the call, and nothing is left", async () => {
    await using test = await openSoundTest();
    await join(test);
    await expectSound(test, "audio");
    await test.run(({ remote, meter, local }) => {
      remote[Symbol.dispose]();
      meter[Symbol.dispose]();
      local[Symbol.dispose]();
    });
    expect(await test.page.locator("audio").count()).toBe(0);
    // The context is closed with its last user.
    expect(await test.run(({ sounds }) => sounds.isRunning.value)).toBe(false);
    expect(await soundLevel(test.page, "audio", { withinMs: 100 })).toBeLessThan(BEEP_MIN_LEVEL);
  });
});

/** Lets somebody join whose voice is the microphone of this device. */
async function join(test: SoundTest): Promise<void> {
  await test.run(({ local }, off) => local.hold({ ...off, mic: true }), OFF);
  await expect.poll(() => test.run(({ local }) => local.tracks.value.mic !== null), PATIENCE).toBe(true);
  await connect(test, ["mic"]);
  await expect.poll(() => test.page.locator("audio").count(), PATIENCE).toBe(1);
}

function connect(test: SoundTest, kinds: ("mic" | "screenAudio")[]): Promise<void> {
  return test.run(async ({ local, peers, openLoopbackPeer }, kinds) => {
    const sent = Object.fromEntries(kinds.map((kind) => [kind, local.tracks.value[kind]]));
    const { peer } = await openLoopbackPeer(sent);
    peers.value = new Map([[peer.participantId, peer]]);
  }, kinds);
}

/** Runs in the page: somebody joins who is silent, as soon as the parts are there. */
function letSomebodyJoin(): void {
  const connection = new RTCPeerConnection();
  const mic = connection.addTransceiver("audio").receiver.track;
  const timer = setInterval(() => {
    const parts: SoundParts | undefined = Reflect.get(globalThis, "parts");
    if (parts === undefined) return;
    clearInterval(timer);
    const { makePeer, peers } = parts;
    const peer = makePeer({ mic, cam: null, screen: null, screenAudio: null });
    peers.value = new Map([[peer.participantId, peer]]);
  });
}
