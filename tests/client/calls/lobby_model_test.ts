import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { LobbyModel } from "../../../client/calls/lobby_model.ts";
import { CallPreferences } from "../../../client/calls/media/call_preferences.ts";
import type { CaptureFailure } from "../../../client/calls/media/capture_failure.ts";
import { RING_MAX_COUNT } from "../../../shared/call/call_limits.ts";
import type { Media, MediaKind } from "../../../shared/call/call_types.ts";
import { userOf } from "./call_states.ts";

/** A lobby over a place that only writes down what it is to capture. */
function openLobby(preferences = new CallPreferences(null)) {
  const failures = signal<ReadonlyMap<MediaKind, CaptureFailure>>(new Map());
  const held: string[] = [];
  const kindsOf = (media: Media) => Object.entries(media).filter(([, isOn]) => isOn).map(([kind]) => kind);
  const dismissFailure = (kind: MediaKind) => {
    failures.value = new Map([...failures.value].filter(([one]) => one !== kind));
  };
  const local = {
    failures,
    dismissFailure,
    hold: (media: Media) => void held.push(kindsOf(media).join("+") || "nothing"),
  };
  return { lobby: new LobbyModel({ local, preferences }), preferences, failures, held };
}

describe("the lobby", () => {
  it("begins with the microphone, never with the camera", () => {
    const { lobby, held } = openLobby();
    lobby.toggle("cam");
    lobby.toggle("cam");
    lobby.leave(false);
    expect(held).toEqual(["mic", "mic+cam", "mic", "nothing"]);
  });

  it("leaves the devices to the call that one joins", () => {
    const { lobby, held } = openLobby();
    lobby.leave(true);
    expect(held).toEqual(["mic"]);
  });

  it("remembers that one joins muted, or without devices", () => {
    const { lobby, preferences } = openLobby();
    lobby.toggle("mic");
    lobby.leave(false);
    expect(openLobby(preferences).held).toEqual(["nothing"]);
    const second = openLobby(preferences);
    second.lobby.setListensOnly(true);
    expect(openLobby(preferences).lobby.media.value).toEqual({ mic: false, cam: false });
    // Whoever switches something on does not only listen.
    second.lobby.toggle("cam");
    expect(preferences.settings.value.listensOnly).toBe(false);
    expect(second.lobby.media.value).toEqual({ mic: false, cam: true });
  });

  it("joins without what did not start, and tries it again when asked", () => {
    const { lobby, failures } = openLobby();
    const refused: CaptureFailure = {
      kind: "mic",
      reason: "refused",
      browser: "chrome",
      isPhone: false,
      label: null,
    };
    failures.value = new Map([["mic", refused]]);
    expect(lobby.media.value.mic).toBe(false);
    lobby.retry();
    expect(lobby.media.value.mic).toBe(true);
    // Whoever has read it is not told again.
    failures.value = new Map([["mic", refused]]);
    lobby.setListensOnly(true);
    expect(failures.value.size).toBe(0);
  });

  it("calls only as many people as the server takes", () => {
    const { lobby } = openLobby();
    for (let index = 0; index <= RING_MAX_COUNT; index++) lobby.toggleRing(userOf(`p${index}`));
    expect([lobby.rings.value.size, lobby.isRingFull.value]).toEqual([RING_MAX_COUNT, true]);
    lobby.toggleRing(userOf("p0"));
    expect(lobby.isRingFull.value).toBe(false);
  });

  it("touches no device of a call that is under way", () => {
    const lobby = new LobbyModel({ local: null, preferences: new CallPreferences(null) });
    lobby.toggle("cam");
    expect(lobby.media.value).toEqual({ mic: true, cam: true });
    lobby.leave(false);
  });
});
