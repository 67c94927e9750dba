import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { describeNews } from "../../../client/calls/call_news.ts";
import { followSpeaking } from "../../../client/calls/speaking.ts";
import type { ParticipantId } from "../../../shared/ids.ts";
import { nameOf, participantOf, userOf } from "./call_states.ts";

const people = (...names: string[]) =>
  names.map((name) => ({ participantId: participantOf(name), userId: userOf(name) }));

describe("describeNews()", () => {
  it("says who came and who went", () => {
    const say = (before: string[], after: string[]) =>
      describeNews(people(...before), people(...after), nameOf);
    expect(say(["Ana"], ["Ana"])).toBeNull();
    expect(say([], ["Ana"])).toEqual({ text: "Ana joined the call", what: "join" });
    expect(say(["Ana", "Bo"], ["Ana"])).toEqual({ text: "Bo left the call", what: "leave" });
    expect(say(["Ana"], ["Bo", "Cleo"])).toEqual({
      text: "Bo, Cleo joined the call. Ana left the call",
      what: "join",
    });
  });
});

describe("followSpeaking()", () => {
  it("marks who is heard, over the pauses between words", () => {
    let nowMs = 0;
    const ana = participantOf("Ana");
    const speaker = signal<ParticipantId | null>(null);
    const levels = signal<ReadonlyMap<ParticipantId, number>>(new Map());
    const { value, stop } = followSpeaking({ speaker, levels }, () => nowMs);
    expect(value.value).toBeNull();
    speaker.value = ana;
    levels.value = new Map([[ana, 0.1]]);
    expect(value.value).toBe(ana);
    nowMs = 500;
    levels.value = new Map([[ana, 0]]);
    expect(value.value).toBe(ana);
    nowMs = 1_500;
    levels.value = new Map([[ana, 0]]);
    expect(value.value).toBeNull();
    stop();
    levels.value = new Map([[ana, 0.1]]);
    expect(value.value).toBeNull();
  });
});
