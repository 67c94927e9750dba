import { describe, expect, it } from "vitest";
import type { LinkFigures } from "../../../../client/calls/call_parts.ts";
import { NEW_QUALITY, reduceQuality, WEAK_TEXTS } from "../../../../client/calls/doctor/link_quality.ts";
import type { LinkQuality, QualityState } from "../../../../client/calls/doctor/link_quality.ts";

const GOOD: LinkFigures = {
  roundTripMs: 40,
  lossPercent: 0,
  peerLossPercent: 0,
  jitterMs: 5,
  sentBitsPerSecond: 900_000,
  receivedBitsPerSecond: 900_000,
  localType: "host",
  remoteType: "host",
  protocol: "udp",
  relayProtocol: null,
  limitation: "none",
};

/** What is shown after each second. */
function show(seconds: readonly (Partial<LinkFigures> | null)[], from: QualityState = NEW_QUALITY) {
  let state = from;
  return seconds.map((change, second): LinkQuality => {
    state = reduceQuality(state, change && { ...GOOD, ...change }, second * 1_000);
    return state.shown;
  });
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const words = (quality: LinkQuality | undefined) =>
  quality?.level === "weak" ? WEAK_TEXTS[quality.reason] : quality?.level;

describe("the quality of a link", () => {
  it.for<[Partial<LinkFigures>, string]>([
    [{}, "good"],
    [{ lossPercent: 8 }, "packets to you are lost"],
    [{ peerLossPercent: 8 }, "packets to them are lost"],
    [{ lossPercent: 8, peerLossPercent: 8 }, "packets are lost both ways"],
    [{ limitation: "bandwidth", sentBitsPerSecond: 90_000 }, "your upload is too slow"],
    // Of a picture that is sent at its full size, an encoder may say so too.
    [{ limitation: "bandwidth", sentBitsPerSecond: 800_000 }, "good"],
    [{ limitation: "cpu" }, "your computer is busy"],
    [{ roundTripMs: 800 }, "it has a long delay"],
    [{ jitterMs: 150 }, "sound arrives unevenly"],
    [
      { roundTripMs: null, lossPercent: null, peerLossPercent: null, jitterMs: null, limitation: null },
      "good",
    ],
    // What is lost explains the rest.
    [
      { lossPercent: 8, limitation: "bandwidth", sentBitsPerSecond: 9_000, jitterMs: 200 },
      "packets to you are lost",
    ],
  ])("%j is shown as %s", ([figures, expected]) => {
    expect(words(show(times(14, figures)).at(-1))).toBe(expected);
  });

  it("is not weak for less than three seconds", () => {
    const bad = { lossPercent: 20 };
    expect(show([bad, bad, bad, {}, bad, bad, bad, {}]).every(({ level }) => level === "good")).toBe(true);
    expect(show(times(5, bad)).map(({ level }) => level)).toEqual(["good", "good", "good", "weak", "weak"]);
  });

  it("does not blame the upload in the first twelve seconds, in which the browser finds out what a path takes", () => {
    const slow = { limitation: "bandwidth", sentBitsPerSecond: 90_000 } as const;
    expect(show(times(12, slow)).every(({ level }) => level === "good")).toBe(true);
    expect(words(show(times(13, slow)).at(-1))).toBe("your upload is too slow");
    // Another reason before does not count for it.
    expect(show([...times(2, { jitterMs: 150 }), ...times(12, slow)]).at(-1)?.level).toBe("good");
  });

  it("is not good again for less than six seconds, nor just below the limit", () => {
    const weak = times(5, { lossPercent: 20 });
    expect(show([...weak, ...times(6, {})]).at(-1)?.level).toBe("weak");
    expect(show([...weak, ...times(7, {})]).at(-1)?.level).toBe("good");
    expect(show([...weak, ...times(60, { lossPercent: 4 })]).at(-1)?.level).toBe("weak");
    expect(show([...weak, ...times(60, { lossPercent: 3 })]).at(-1)?.level).toBe("good");
  });

  it("changes its reason after three seconds", () => {
    const shown = show([...times(5, { lossPercent: 20 }), ...times(4, { peerLossPercent: 20 })]);
    expect(words(shown.at(-2))).toBe("packets to you are lost");
    expect(words(shown.at(-1))).toBe("packets to them are lost");
  });

  it("stays as it is while nothing is measured", () => {
    const bad = { lossPercent: 20 };
    expect(show([...times(5, bad), ...times(60, null)]).at(-1)?.level).toBe("weak");
    // The time before does not count.
    expect(show([bad, bad, bad, null, bad, bad, bad]).at(-1)?.level).toBe("good");
  });
});
