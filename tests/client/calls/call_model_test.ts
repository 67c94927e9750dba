import { signal } from "@preact/signals";
import { describe, expect, it, vi } from "vitest";
import { CallModel } from "../../../client/calls/call_model.ts";
import type { CallModelOptions } from "../../../client/calls/call_model.ts";
import type { CallsApi } from "../../../client/calls/call_api.ts";
import { NO_TRACKS } from "../../../client/calls/call_parts.ts";
import type { MediaSource, SfuOptions, Tracks } from "../../../client/calls/call_parts.ts";
import type { Call, CallUpdate } from "../../../shared/call/call_types.ts";
import type { ScreenMode } from "../../../shared/call/media_plan.ts";
import type { CallsListener } from "../../../client/calls/calls_watch.ts";
import type { ParticipantId, TabId } from "../../../shared/ids.ts";
import { waitFor } from "../../support/wait.ts";
import { CALL, callOf, participantOf, ROOM } from "./call_states.ts";

/** A model without a server, whose requests are answered by `api`. */
function openModel(api: unknown, options: Partial<CallModelOptions<MediaSource>> = {}) {
  vi.stubGlobal("RTCPeerConnection", { generateCertificate: () => Promise.resolve({}) });
  const listeners: CallsListener[] = [];
  const page = Object.assign(new EventTarget(), {
    document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
    navigator: {},
  });
  const model = new CallModel({
    api: api as CallsApi,
    tabId: "tab" as TabId,
    watch: {
      calls: signal(new Map()),
      isOpen: signal(true),
      listen: (listener) => {
        listeners.push(listener);
        return () => {};
      },
      setInCall: () => {},
    },
    local: localOf(NO_TRACKS),
    tones: { play: () => {} },
    isQuiet: signal(false),
    isRelayOnly: signal(false),
    openSfu: null,
    storage: null,
    page: page as unknown as Window,
    sendLast: () => {},
    ...options,
  });
  model.start();
  return { model, tell: (update: CallUpdate) => listeners[0]?.onUpdate(update) };
}

/** Devices that capture these, whatever they are to hold. */
function localOf(tracks: Tracks): MediaSource {
  return {
    tracks: signal(tracks),
    screenMode: signal<ScreenMode>("detail"),
    hold: () => {},
    plan: () => {},
    [Symbol.dispose]: () => {},
  };
}

describe("CallModel", () => {
  it("frees what a signal has opened when joining fails", async () => {
    const refused = Promise.withResolvers<never>();
    const readServers = vi.fn(() => Promise.resolve({ iceServers: [], expiresAt: null }));
    const { model, tell } = openModel({
      join: { mutate: () => refused.promise },
      iceServers: { query: readServers },
      leave: { mutate: () => Promise.resolve(null) },
    });
    const media = { mic: false, cam: false };
    model.act({ type: "join", callId: CALL, roomId: ROOM, isDirect: false, purpose: "files", media });
    const from = "somebody" as ParticipantId;
    tell({ type: "signal", callId: CALL, from, epoch: 1, seq: 0, kind: "bye", payload: "{}" });
    expect(readServers).toHaveBeenCalledTimes(1);
    refused.reject(new Error("There is no such call"));
    await waitFor(() => model.state.peek().stage.phase === "ended");
    // The test runner finds timers that are left; the model itself is not disposed.
    vi.unstubAllGlobals();
  });

  it("sends no microphone before it is told to be on, whatever the lobby has captured", async () => {
    const mic = { kind: "audio" } as MediaStreamTrack;
    const sent: SfuOptions["tracks"][] = [];
    const silent = { mic: false, cam: false };
    const call: Call = { ...callOf([{ name: "Ana", ...silent }]), topology: "sfu" };
    const { model } = openModel({
      join: { mutate: () => Promise.resolve({ call, participantId: participantOf("Ana") }) },
      media: { mutate: () => Promise.resolve(null) },
      leave: { mutate: () => Promise.resolve(null) },
    }, {
      local: localOf({ ...NO_TRACKS, mic }),
      openSfu: ({ tracks }) => {
        sent.push(tracks);
        return { peers: signal(new Map()), [Symbol.dispose]: () => {} };
      },
    });
    model.act({ type: "join", callId: CALL, roomId: ROOM, isDirect: false, purpose: "talk", media: silent });
    await waitFor(() => sent.length > 0);
    expect(sent[0]?.value).toEqual(NO_TRACKS);
    model.act({ type: "media", media: { mic: true } });
    expect(sent[0]?.value.mic).toBe(mic);
    model.act({ type: "media", media: { mic: false } });
    expect(sent[0]?.value.mic).toBe(null);
    model.act({ type: "leave" });
    vi.unstubAllGlobals();
  });
});
