import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { playTones } from "../../../client/calls/ring_tone.ts";
import { NO_CALL } from "../../../shared/call/call_state.ts";
import type { CallState } from "../../../shared/call/call_state.ts";
import { newId } from "../../../shared/ids.ts";

const RINGING: CallState = {
  ...NO_CALL,
  stage: {
    phase: "incoming",
    ring: {
      callId: newId(),
      roomId: newId(),
      by: newId(),
      video: false,
      until: "2026-01-01T00:00:45.000Z",
      remainingMs: 45_000,
      endsAt: 45_000,
      busyAt: 20_000,
    },
  },
};

describe("the tone of a call", () => {
  it("follows the state, and do not disturb", () => {
    const state = signal(NO_CALL);
    const isQuiet = signal(false);
    const played: unknown[] = [];
    const stop = playTones({ state, isQuiet, tones: { play: (tone) => void played.push(tone) } });
    state.value = RINGING;
    isQuiet.value = true;
    isQuiet.value = false;
    // Another change of the state starts nothing anew.
    state.value = { ...RINGING, nextRequestId: 2 };
    stop();
    state.value = NO_CALL;
    expect(played).toEqual([null, "ring", null, "ring", null]);
  });
});
