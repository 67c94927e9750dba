import { describe, expect, it, vi } from "vitest";
import { RawClient, rawFrame } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";
import { pause, waitFor } from "../../support/wait.ts";

describe("heartbeat", () => {
  it("pings every connection and closes the silent one", async () => {
    await using app = await testApp({ heartbeatMs: 100, heartbeatGraceMs: 80 });
    const headers = { Origin: app.url, Cookie: app.owner.device.cookie ?? "" };
    await using alive = await RawClient.dial(app.port, app.owner.device.address);
    await alive.upgrade(headers);
    await using dead = await RawClient.dial(app.port, app.owner.device.address);
    await dead.upgrade(headers);
    let answered = 0;
    const answering = (async () => {
      while (!alive.isClosed) {
        const pings = alive.frames().filter(({ opcode }) => opcode === 9).length;
        for (; answered < pings; answered++) alive.write(rawFrame("", { opcode: 10 }));
        await pause(5);
      }
    })();
    await waitFor(() => dead.frames().some(({ opcode }) => opcode === 9));
    await dead.closed(1_000);
    await waitFor(() => answered >= 3);
    expect(alive.isClosed).toBe(false);
    expect(app.services.connections.count).toBe(1);
    await alive[Symbol.asyncDispose]();
    await answering;
  });

  it("accepts any message as a sign of life", async () => {
    await using app = await testApp({ heartbeatMs: 60, heartbeatGraceMs: 50 });
    await using client = await RawClient.dial(app.port, app.owner.device.address);
    await client.upgrade({ Origin: app.url, Cookie: app.owner.device.cookie ?? "" });
    for (let id = 1; id <= 40; id++) {
      client.write(rawFrame(JSON.stringify({ id, method: "query", params: { path: "auth.me" } })));
      await pause(10);
    }
    expect(client.isClosed).toBe(false);
    await client.closed(1_000);
  });

  it("closes dead connections even after the clock steps back by an hour", async () => {
    const { now } = Date;
    let aheadMs = 0;
    using _clock = vi.spyOn(Date, "now").mockImplementation(() => now() + aheadMs);
    await using app = await testApp({ heartbeatMs: 100, heartbeatGraceMs: 80 });
    await using dead = await RawClient.dial(app.port, app.owner.device.address);
    await dead.upgrade({ Origin: app.url, Cookie: app.owner.device.cookie ?? "" });
    aheadMs = -3_600_000;
    await dead.closed(2_000);
  });
});
