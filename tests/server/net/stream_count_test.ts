import { describe, expect, it } from "vitest";
import { STREAMS_PER_USER_COUNT } from "../../../shared/limits.ts";
import { testApp } from "../../support/test_app.ts";

describe("subscriptions over HTTP", () => {
  it("T35 are counted for each person, and one too many is refused", async () => {
    await using app = await testApp();
    const { device } = app.owner;
    const open = () => device.fetch("/trpc/rooms.onChange?input=%7B%7D");
    const streams = await Promise.all(Array.from({ length: STREAMS_PER_USER_COUNT }, open));
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
    expect(app.services.connections.streamCount).toBe(STREAMS_PER_USER_COUNT);
    const refused = await open();
    expect([refused.status, (await refused.json()).error.data.appCode]).toEqual([429, "rate_limited"]);
    await Promise.all(streams.map(({ body }) => body?.cancel()));
    await expect.poll(() => app.services.connections.streamCount).toBe(0);
  });

  it("T35 are also counted with another spelling of their path", async () => {
    await using app = await testApp();
    const statuses = {
      "rooms.onChange/": 404,
      "rooms.onChange//": 400,
      "/rooms.onChange": 400,
      "rooms.onChange%2F": 400,
    };
    for (const [path, status] of Object.entries(statuses)) {
      const answer = await app.owner.device.fetch(`/trpc/${path}?input=%7B%7D`);
      await answer.body?.cancel();
      expect([path, answer.status]).toEqual([path, status]);
    }
  });
});
