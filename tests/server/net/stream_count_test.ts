import { describe, expect, it } from "vitest";
import {
  STREAMS_PER_ADDRESS_UNAUTHENTICATED_COUNT,
  STREAMS_PER_INSTANCE_UNAUTHENTICATED_COUNT,
  STREAMS_PER_USER_COUNT,
} from "../../../shared/limits.ts";
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

  it("T35 are counted for each address that is not signed in, and leave room for others", async () => {
    await using app = await testApp();
    using client = Deno.createHttpClient({ localAddress: "127.9.9.9" });
    const fromElsewhere = { method: "GET", client };
    const path = `${app.url}/trpc/status.onChange`;
    const streams = await Promise.all(
      Array.from({ length: STREAMS_PER_ADDRESS_UNAUTHENTICATED_COUNT }, () => fetch(path)),
    );
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
    const refused = await fetch(path);
    expect([refused.status, (await refused.json()).error.data.appCode]).toEqual([429, "rate_limited"]);
    const signedIn = await app.owner.device.fetch("/trpc/status.onChange");
    const other = await fetch(path, fromElsewhere);
    expect([signedIn.status, other.status]).toEqual([200, 200]);
    await Promise.all([...streams, signedIn, other].map(({ body }) => body?.cancel()));
    await expect.poll(() => app.services.connections.streamCount).toBe(0);
    const again = await fetch(path);
    expect(again.status).toBe(200);
    await again.body?.cancel();
    await expect.poll(() => app.services.connections.streamCount).toBe(0);
  });

  it("T35 of all who are not signed in leave room for those who are", async () => {
    await using app = await testApp();
    const { connections } = app.services;
    const closes = Array.from(
      { length: STREAMS_PER_INSTANCE_UNAUTHENTICATED_COUNT },
      (_, index) => connections.open({ login: null, subject: `${index}`, isStream: true, end: () => {} }),
    );
    const refused = await fetch(`${app.url}/trpc/status.onChange`);
    await refused.body?.cancel();
    expect(refused.status).toBe(429);
    const signedIn = await app.owner.device.fetch("/trpc/rooms.onChange?input=%7B%7D");
    await signedIn.body?.cancel();
    expect(signedIn.status).toBe(200);
    for (const close of closes) close();
    await expect.poll(() => connections.streamCount).toBe(0);
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
