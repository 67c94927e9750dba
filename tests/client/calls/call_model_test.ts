import { signal } from "@preact/signals";
import { describe, expect, it, vi } from "vitest";
import { CallModel } from "../../../client/calls/call_model.ts";
import type { CallsApi } from "../../../client/calls/call_api.ts";
import { NO_TRACKS } from "../../../client/calls/call_parts.ts";
import type { ScreenMode } from "../../../shared/call/media_plan.ts";
import type { CallsListener } from "../../../client/calls/calls_watch.ts";
import type { CallId, ParticipantId, RoomId, TabId } from "../../../shared/ids.ts";
import { waitFor } from "../../support/wait.ts";

const callId = "call" as CallId;

describe("CallModel", () => {
  it("frees what a signal has opened when joining fails", async () => {
    vi.stubGlobal("RTCPeerConnection", { generateCertificate: () => Promise.resolve({}) });
    const listeners: CallsListener[] = [];
    const refused = Promise.withResolvers<never>();
    const readServers = vi.fn(() => Promise.resolve({ iceServers: [], expiresAt: null }));
    const page = Object.assign(new EventTarget(), {
      document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
      navigator: {},
    });
    const model = new CallModel({
      api: {
        join: { mutate: () => refused.promise },
        iceServers: { query: readServers },
        leave: { mutate: () => Promise.resolve(null) },
      } as unknown as CallsApi,
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
      local: {
        tracks: signal(NO_TRACKS),
        screenMode: signal<ScreenMode>("detail"),
        hold: () => {},
        plan: () => {},
        [Symbol.dispose]: () => {},
      },
      tones: { play: () => {} },
      isQuiet: signal(false),
      isRelayOnly: signal(false),
      openSfu: null,
      storage: null,
      page: page as unknown as Window,
      sendLast: () => {},
    });
    model.start();
    const media = { mic: false, cam: false };
    const roomId = "room" as RoomId;
    model.act({ type: "join", callId, roomId, isDirect: false, purpose: "files", media });
    const from = "somebody" as ParticipantId;
    listeners[0]?.onUpdate({ type: "signal", callId, from, epoch: 1, seq: 0, kind: "bye", payload: "{}" });
    expect(readServers).toHaveBeenCalledTimes(1);
    refused.reject(new Error("There is no such call"));
    await waitFor(() => model.state.peek().stage.phase === "ended");
    // The test runner finds timers that are left; the model itself is not disposed.
    vi.unstubAllGlobals();
  });
});
