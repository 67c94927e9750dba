import { describe, expect, it } from "vitest";
import { hearLevels, HOLD_MS, NO_SPEAKER } from "../../../shared/call/active_speaker.ts";
import type { SpeakerState } from "../../../shared/call/active_speaker.ts";
import { handOrder } from "../../../shared/call/hand_order.ts";
import type { ParticipantId, UserId } from "../../../shared/ids.ts";

const ana = "ana" as ParticipantId;
const bo = "bo" as ParticipantId;

/** Hears the same levels for a while, each 50 ms; returns the states. */
function hear(state: SpeakerState, levels: Record<string, number>, ms: number): SpeakerState[] {
  const states: SpeakerState[] = [];
  const entries = Object.entries(levels) as [ParticipantId, number][];
  const from = state.heardAt ?? 0;
  for (let at = from + 50; at <= from + ms; at += 50) {
    state = hearLevels(state, new Map(entries), at);
    states.push(state);
  }
  return states;
}

function last(states: readonly SpeakerState[]): SpeakerState {
  return states.at(-1) ?? NO_SPEAKER;
}

describe("hearLevels()", () => {
  it("finds nobody in the noise of rooms, and then the one who speaks", () => {
    const noise = last(hear(NO_SPEAKER, { ana: 0.005, bo: 0.004 }, 5_000));
    expect(noise.speaker).toBeNull();
    expect(last(hear(noise, { ana: 0.2, bo: 0.004 }, 200)).speaker).toBe(ana);
  });

  it("keeps the speaker in silence and over a cough, and follows a longer answer", () => {
    const speaking = last(hear(NO_SPEAKER, { ana: 0.2, bo: 0 }, 3_000));
    const silent = last(hear(speaking, { ana: 0, bo: 0 }, 5_000));
    expect(silent.speaker).toBe(ana);
    const cough = hear(speaking, { ana: 0.2, bo: 0.6 }, 300);
    expect(cough.every(({ speaker }) => speaker === ana)).toBe(true);
    expect(last(hear(last(cough), { ana: 0.2, bo: 0 }, 1_000)).speaker).toBe(ana);
    expect(last(hear(silent, { ana: 0, bo: 0.2 }, 1_000)).speaker).toBe(bo);
  });

  it("does not flicker between two who are about as loud, nor more often than it holds", () => {
    let state = last(hear(NO_SPEAKER, { ana: 0.2, bo: 0 }, 2_000));
    const speakers: (ParticipantId | null)[] = [];
    for (let round = 0; round < 40; round += 1) {
      state = last(hear(state, round % 2 === 0 ? { ana: 0.2, bo: 0.25 } : { ana: 0.25, bo: 0.2 }, 500));
      speakers.push(state.speaker);
    }
    expect(new Set(speakers)).toEqual(new Set([ana]));
    const changes: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      for (const next of hear(state, round % 2 === 0 ? { ana: 0, bo: 0.5 } : { ana: 0.5, bo: 0 }, 1_000)) {
        if (next.speaker !== state.speaker) changes.push(next.heardAt ?? 0);
        state = next;
      }
    }
    expect(changes.length).toBeGreaterThan(1);
    for (const [index, at] of changes.entries()) {
      expect(at - (changes[index - 1] ?? -Infinity)).toBeGreaterThanOrEqual(HOLD_MS);
    }
  });

  it("forgets a speaker who has left", () => {
    const speaking = last(hear(NO_SPEAKER, { ana: 0.2, bo: 0 }, 3_000));
    expect(last(hear(speaking, { bo: 0 }, 50)).speaker).toBeNull();
  });
});

describe("handOrder()", () => {
  it("puts the first hand first, and leaves out those that are down", () => {
    const media = { mic: true, cam: false, screen: false, screenAudio: false };
    const person = (name: string, seq: number, handSince: string | null) => {
      return { participantId: name as ParticipantId, userId: name as UserId, seq, media, handSince };
    };
    const late = "2026-03-01T12:00:02.000Z";
    const raised = handOrder([
      person("dara", 4, late),
      person("cleo", 3, late),
      person("bo", 2, null),
      person("ana", 5, "2026-03-01T12:00:01.500Z"),
    ]);
    expect(raised.map(({ userId }) => userId)).toEqual(["ana", "cleo", "dara"]);
  });
});
