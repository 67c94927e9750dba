import { describe, expect, it } from "vitest";
import { formatDuration } from "../../../client/calls/call_duration.ts";
import { describeEnd, describePhase, describeRings, RING_WORDS } from "../../../client/calls/call_words.ts";
import type { EndPlace } from "../../../client/calls/call_words.ts";
import { describeLink } from "../../../client/calls/link_trouble.ts";
import type { LinkQuality } from "../../../client/calls/doctor/link_quality.ts";
import { sessionOf } from "../../../shared/call/call_state.ts";
import type { EndReason } from "../../../shared/call/call_state.ts";
import { CALL, CallScript, nameOf, ROOM, userOf } from "./call_states.ts";

const PLACE: EndPlace = { title: "Bo", isDirect: true, wasIncoming: false, hadCamera: false };
const ALL: readonly EndReason[] = [
  "hangup",
  "busy",
  "moved",
  "server_lost",
  "failed",
  "kicked",
  "left_room",
  "declined",
  "cancelled",
  "missed",
  "answered_elsewhere",
  "declined_elsewhere",
];

function wordsFor(reason: EndReason, code: string | null = null, place: Partial<EndPlace> = {}) {
  return describeEnd({ reason, code, roomId: ROOM, callId: CALL, purpose: "talk" }, { ...PLACE, ...place });
}

describe("describeEnd()", () => {
  it("is silent about what the user did, and says everything else", () => {
    const silent = ALL.filter((reason) => wordsFor(reason) === null);
    expect(silent).toEqual(["hangup", "cancelled", "answered_elsewhere", "declined_elsewhere"]);
  });

  it("offers to call again or to leave a message where nobody answered", () => {
    expect(wordsFor("missed")).toMatchObject({
      title: "Bo did not answer",
      actions: ["call_again", "leave_message"],
    });
    expect(wordsFor("busy")?.title).toBe("Bo is in another call");
    expect(wordsFor("declined")).toMatchObject({
      title: "Bo declined",
      actions: ["call_again", "leave_message"],
    });
  });

  it("says how many people a full call holds, and offers to join without camera", () => {
    expect(wordsFor("failed", "call_full", { hadCamera: true })).toMatchObject({
      text: expect.stringMatching(/4 people .* 6 with one/),
      actions: ["without_camera"],
    });
    expect(wordsFor("failed", "call_full")?.actions).toEqual([]);
  });

  it("says when one may call again who called too often", () => {
    expect(wordsFor("failed", "rate_limited")).toMatchObject({
      title: "The call could not start",
      text: "Too many calls. Try again in a minute.",
      actions: ["call_again"],
    });
    expect(wordsFor("failed", "rate_limited", { isDirect: false })?.actions).toEqual(["join_again"]);
  });

  it("says that the media server is away where a call could not keep everybody", () => {
    expect(wordsFor("failed", "sfu_away", { hadCamera: true })).toMatchObject({
      title: "Some people had to leave the call",
      text: expect.stringMatching(/media server .* is away.* 4 people/),
      actions: ["without_camera"],
    });
  });

  it("says nothing about a ring that was not accepted, except that accepting it failed", () => {
    const place = { wasIncoming: true };
    expect(ALL.filter((reason) => wordsFor(reason, null, place) !== null)).toEqual(["failed"]);
  });
});

describe("describeRings()", () => {
  it("says what happens at the other end", () => {
    const script = new CallScript().ring("You", "Bo");
    const words = () => {
      const session = sessionOf(script.state);
      return session && describeRings(session, nameOf);
    };
    const ringState = (state: "ringing" | "in_another_call") =>
      script.update({ type: "ring_state", callId: CALL, userId: userOf("Bo"), state });
    expect(words()).toBe("Calling Bo…");
    ringState("ringing");
    expect(words()).toBe("Ringing Bo…");
    ringState("in_another_call");
    expect(words()).toBe("Bo is in another call. They see that you call.");
    script.update({ type: "ring_ended", callId: CALL, userId: userOf("Bo"), reason: "declined" });
    expect(script.state.stage).toMatchObject({ phase: "ended", end: { reason: "busy" } });
  });
});

describe("describePhase()", () => {
  it("says of a ring what its tile says", () => {
    const script = new CallScript().ring("You", "Bo");
    const words = () => {
      const { stage } = script.state;
      return "session" in stage ? describePhase(stage.phase, stage.session) : null;
    };
    expect(words()).toBe("Calling…");
    for (const state of ["ringing", "in_another_call"] as const) {
      script.update({ type: "ring_state", callId: CALL, userId: userOf("Bo"), state });
      expect(words()).toBe(RING_WORDS[state]);
    }
    expect(RING_WORDS.in_another_call).toBe("In another call");
  });
});

it("formatDuration() counts minutes, then hours", () => {
  expect([-5, 0, 59_999, 60_000, 761_000, 3_723_000].map(formatDuration)).toEqual([
    "0:00",
    "0:00",
    "0:59",
    "1:00",
    "12:41",
    "1:02:03",
  ]);
});

describe("describeLink()", () => {
  const GOOD: LinkQuality = { level: "good" };

  it("says nothing about a good connection", () => {
    expect(describeLink("up", GOOD)).toBeNull();
  });

  it("names the reason of a weak one", () => {
    expect(describeLink("up", { level: "weak", reason: "lost_to_us" }))
      .toEqual({ label: "Weak connection", reason: "packets to you are lost" });
    expect(describeLink("up", { level: "weak", reason: "busy_computer" })?.label).toBe("Computer is busy");
  });

  it("tells a first connection from one that is restored", () => {
    expect(describeLink("connecting", GOOD)?.label).toBe("Connecting…");
    for (const phase of ["stalled", "restarting", "rebuilding", "down"] as const) {
      expect(describeLink(phase, GOOD)?.label).toBe("Reconnecting…");
    }
  });
});
