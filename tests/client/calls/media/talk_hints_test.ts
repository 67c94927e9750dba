import { describe, expect, it } from "vitest";
import {
  DEAD_MIC_MS,
  hearOwnLevel,
  NO_HINTS,
  TALK_MIN_LEVEL,
  TALK_MS,
  TALK_OVER_MS,
} from "../../../../client/calls/media/talk_hints.ts";

/** Hears one level for a time, ten times a second. */
function hear(before: typeof NO_HINTS, { level = 0, isOn = false, forMs = 0 }): typeof NO_HINTS {
  let hints = before;
  for (let atMs = 0; atMs < forMs; atMs += 100) hints = hearOwnLevel(hints, { level, isOn, passedMs: 100 });
  return hints;
}

const LOUD = TALK_MIN_LEVEL * 2;
/** The noise of a working microphone. */
const NOISE = 0.001;

describe("hints", () => {
  it("tell who talks while muted, until they are quiet", () => {
    const talking = hear(NO_HINTS, { level: LOUD, forMs: TALK_MS });
    expect(talking.isTalkingWhileMuted).toBe(true);
    const pausing = hear(talking, { level: NOISE, forMs: TALK_OVER_MS - 100 });
    expect(pausing.isTalkingWhileMuted).toBe(true);
    expect(hear(pausing, { level: NOISE, forMs: 100 }).isTalkingWhileMuted).toBe(false);
  });

  it("take words with pauses for talk, but not a cough", () => {
    let hints = NO_HINTS;
    for (let word = 0; word < 4; word++) {
      hints = hear(hear(hints, { level: LOUD, forMs: 300 }), { level: NOISE, forMs: 200 });
    }
    expect(hints.isTalkingWhileMuted).toBe(true);
    let coughs = NO_HINTS;
    for (let cough = 0; cough < 5; cough++) {
      coughs = hear(hear(coughs, { level: LOUD, forMs: 300 }), { level: NOISE, forMs: 2_000 });
      expect(coughs.isTalkingWhileMuted).toBe(false);
    }
  });

  it("never tell that to anybody who is heard", () => {
    expect(hear(NO_HINTS, { level: LOUD, isOn: true, forMs: 5_000 })).toEqual(NO_HINTS);
    const talking = hear(NO_HINTS, { level: LOUD, forMs: TALK_MS });
    expect(hear(talking, { level: LOUD, isOn: true, forMs: 100 }).isTalkingWhileMuted).toBe(false);
  });

  it("tell of a microphone that gives no sound while it is on", () => {
    const almost = hear(NO_HINTS, { isOn: true, forMs: DEAD_MIC_MS - 100 });
    expect(almost.isMicSilent).toBe(false);
    const silent = hear(almost, { isOn: true, forMs: 100 });
    expect(silent.isMicSilent).toBe(true);
    expect(hear(silent, { level: NOISE, isOn: true, forMs: 100 }).isMicSilent).toBe(false);
    expect(hear(NO_HINTS, { isOn: false, forMs: DEAD_MIC_MS * 2 }).isMicSilent).toBe(false);
  });

  it("do not count the time in which the computer slept", () => {
    const asleep = hearOwnLevel(NO_HINTS, { level: 0, isOn: true, passedMs: 3_600_000 });
    expect(asleep.isMicSilent).toBe(false);
  });
});
