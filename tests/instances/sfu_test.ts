import { describe, expect, it, vi } from "vitest";
import { callTab, generalRoom, VIDEO } from "../support/call_kit.ts";
import { hasDenokv } from "../support/denokv.ts";
import { hasLiveKit, joinLiveKit, startLiveKit } from "../support/livekit.ts";
import { twoInstances } from "../support/two_instances.ts";

const isPossible = await hasDenokv() && await hasLiveKit();
const WAIT = { timeout: 40_000 };
const NAMES = ["Ben", "Cleo", "Dan", "Eva"];

describe.skipIf(!isPossible)("a call through LiveKit between two instances", () => {
  it(
    "is handed over on both, and either takes out who is gone, also when the other has stopped",
    async () => {
      await using liveKit = await startLiveKit();
      await using pair = await twoInstances({ config: { liveKit } });
      const ana = pair.app.owner;
      const others = await Promise.all(NAMES.map((name) => pair.app.person(name)));
      const onA = await callTab(pair.client("a", ana, "ws"));
      const { call } = await onA.start(await generalRoom(ana), VIDEO);
      const { callId } = call;
      const tabs = await Promise.all(others.map((person) => callTab(pair.client("b", person, "ws"))));
      for (const tab of tabs) await tab.join(call, VIDEO);
      const [ben, cleo, dan] = tabs;
      if (!ben || !cleo || !dan) throw new Error("Nobody is there");
      for (const tab of [onA, ben]) expect((await tab.next("handoff")).topology).toBe("sfu");
      const connect = async (tab: typeof ben) => {
        const { url, token } = await tab.api.calls.connectSfu.query({ callId });
        return await joinLiveKit(url, token);
      };
      await using anaDevice = await connect(onA);
      await using benDevice = await connect(ben);
      await using cleoDevice = await connect(cleo);
      await ben.leave(call);
      await vi.waitFor(() => expect(benDevice.hasEnded).toBe(true), WAIT);
      expect([anaDevice.hasEnded, cleoDevice.hasEnded]).toEqual([false, false]);
      // Those on the other instance have the time of a lease to come back; who leaves on purpose is gone.
      const phone = pair.client("a", others[1] ?? ana, "http");
      await pair.stopB();
      await phone.calls.leave.mutate({ callId, tabId: cleo.tabId });
      await vi.waitFor(() => expect(cleoDevice.hasEnded).toBe(true), WAIT);
      expect(anaDevice.hasEnded).toBe(false);
    },
    120_000,
  );
});
