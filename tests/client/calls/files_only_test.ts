import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../../support/browser.ts";
import { openCallBrowser } from "../../support/call_browser.ts";
import { directRoom } from "../../support/call_kit.ts";
import { callApp, openDevice } from "../../support/call_page/call_device.ts";
import type { PageCalls } from "../../support/call_page/page.ts";

type Global = { readonly calls: PageCalls };

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("a call for files", () => {
  it("takes no sound and no picture, whatever its sender sends", async () => {
    await using opened = new AsyncDisposableStack();
    const app = opened.use(await callApp());
    const person = await app.person("Bo");
    const roomId = await directRoom(app.owner, person);
    const ana = opened.use(await openDevice(browser, { app, person: app.owner }));
    const bo = opened.use(await openDevice(browser, { app, person }));
    await person.api.presence.set.mutate({ status: "online" });
    // Her client is a modified one: each of its connections offers to send, and sends.
    await ana.page.evaluate(async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      const { setLocalDescription } = RTCPeerConnection.prototype;
      RTCPeerConnection.prototype.setLocalDescription = async function (description) {
        for (const line of this.getTransceivers()) {
          line.direction = "sendrecv";
          const { kind } = line.receiver.track;
          await line.sender.replaceTrack(stream.getTracks().find((track) => track.kind === kind) ?? null);
        }
        await Reflect.apply(setLocalDescription, this, description === undefined ? [] : [description]);
      };
    });
    const media = { mic: false, cam: false };
    const files = [{ name: "plan.txt", bytes: 1 }];
    await ana.act({ type: "start", roomId, isDirect: true, purpose: "files", media, ring: [], files });
    await ana.until("outgoing");
    await expect.poll(
      () => bo.page.evaluate(() => [...(globalThis as unknown as Global).calls.watch.calls.peek().keys()]),
      { timeout: 30_000 },
    ).toEqual([roomId]);
    const callId = await bo.page.evaluate((roomId) => {
      return (globalThis as unknown as Global).calls.watch.calls.peek().get(roomId)?.callId;
    }, roomId);
    if (callId === undefined) throw new Error("There is no call");
    await bo.act({ type: "join", callId, roomId, isDirect: true, purpose: "files", media });
    await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    const channel = () =>
      bo.page.evaluate(() => {
        const [peer] = (globalThis as unknown as Global).calls.model.peers.peek().values();
        return peer?.filesChannel.peek()?.readyState;
      });
    await expect.poll(channel, { timeout: 30_000 }).toBe("open");
    // For some beats of the channel, which come each half second.
    const heard = await bo.page.evaluate(async () => {
      const { model, connections } = (globalThis as unknown as Global).calls;
      const arrived = async () => {
        const reports = await Promise.all(connections.map((one) => one.getStats()));
        const all = reports.flatMap((report) => [...report.values()]);
        const beats = all.filter(({ type, label }) => type === "data-channel" && label === "beats");
        return {
          beats: beats.reduce((sum, { messagesReceived }) => sum + messagesReceived, 0),
          packets: all.filter(({ type }) => type === "inbound-rtp")
            .reduce((sum, { packetsReceived }) => sum + packetsReceived, 0),
        };
      };
      let now = await arrived();
      for (const { beats } = now; now.beats < beats + 3; now = await arrived()) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const tracks = [...model.peers.peek().values()].map((peer) => Object.values(peer.tracks.peek()));
      return { packets: now.packets, tracks };
    });
    expect(heard).toEqual({ packets: 0, tracks: [[null, null, null, null]] });
  }, 120_000);
});
