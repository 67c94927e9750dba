import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { CallEnds } from "../../../client/app/call_ends.ts";
import type { CallAct } from "../../../shared/call/call_acts.ts";
import type { Call } from "../../../shared/call/call_types.ts";
import type { RoomId } from "../../../shared/ids.ts";
import type { CallState } from "../../../shared/call/call_state.ts";
import { CALL, callOf, CallScript, ROOM, userOf } from "../calls/call_states.ts";

/** A reducer as the model of a call, and what is shown of its ends. */
function openEnds() {
  const script = new CallScript();
  const state = signal<CallState>(script.state);
  const show = () => state.value = script.state;
  const act = (act: CallAct) => {
    script.act(act);
    show();
  };
  const calls = signal<ReadonlyMap<RoomId, Call>>(new Map());
  return { script, act, show, calls, ends: new CallEnds({ state, act }, { calls }) };
}

const ring = {
  type: "ring" as const,
  ring: {
    callId: CALL,
    roomId: ROOM,
    by: userOf("Ana"),
    video: false,
    until: "2026-01-01T10:00:45Z",
    remainingMs: 45_000,
  },
};

describe("the end of a call", () => {
  it("is shown until it is read, if it was not the user's own doing", () => {
    const { script, show, ends } = openEnds();
    script.ring("You", "Bo");
    show();
    script.update({ type: "ring_ended", callId: CALL, userId: userOf("Bo"), reason: "declined" });
    show();
    expect(ends.ended.value).toMatchObject({
      end: { reason: "declined" },
      isDirect: true,
      wasIncoming: false,
    });
    ends.dismiss();
    expect(ends.ended.value).toBeNull();
    expect(script.state.stage.phase).toBe("idle");
  });

  it("needs no words if the user hung up, or declined", async () => {
    const { script, act, show, ends } = openEnds();
    script.join([{ name: "Ana" }], { name: "You" });
    show();
    act({ type: "leave" });
    expect(ends.ended.value).toBeNull();
    await Promise.resolve();
    expect(script.state.stage.phase).toBe("idle");
    script.update(ring);
    show();
    act({ type: "decline", callId: CALL });
    expect(ends.ended.value).toBeNull();
    await Promise.resolve();
    expect(script.state.stage.phase).toBe("idle");
  });

  it("offers to take a call over from another tab only while that is in it", async () => {
    const { script, show, calls, ends } = openEnds();
    script.join([{ name: "Ana" }], { name: "You" });
    const call = callOf([{ name: "Ana" }, { name: "You" }], 9);
    calls.value = new Map([[ROOM, call]]);
    script.update({ type: "moved", callId: CALL, seq: 2 });
    show();
    expect(ends.ended.value?.end.reason).toBe("moved");
    await Promise.resolve();
    expect(ends.ended.value?.end.reason).toBe("moved");
    calls.value = new Map();
    await Promise.resolve();
    expect(ends.ended.value).toBeNull();
    ends[Symbol.dispose]();
  });

  it("knows what was on before, so that one can join again with it", () => {
    const { script, act, show, ends } = openEnds();
    script.join([{ name: "Ana" }], { name: "You" }, { mic: true, cam: false });
    act({ type: "media", media: { cam: true, mic: false } });
    const call = callOf([{ name: "Ana" }], 9);
    script.update({ type: "call_changed", call });
    show();
    expect(ends.ended.value).toMatchObject({ end: { reason: "kicked" }, hadCamera: true, hadMic: false });
    ends[Symbol.dispose]();
  });
});
