import { describe, expect, it } from "vitest";
import { PushKit } from "../../support/push_kit.ts";

const JOBS_PER_PERSON_COUNT = 200;
const LONG = { timeout: 20_000 };
const PAYLOAD = { kind: "test", tag: "test", title: "t", body: "b", url: "/", close: [] } as const;

describe("PushSender", () => {
  it("keeps 200 pushes of a person waiting, and counts those that it drops", async () => {
    await using kit = await PushKit.open();
    const { service, app: { owner, services } } = kit;
    const { sender, subscriptions } = services.push;
    const answer = Promise.withResolvers<Response>();
    service.answerBy(() => answer.promise.then((response) => response.clone()));
    await kit.subscribe(owner, "laptop");
    const devices = await subscriptions.devicesOf(owner.id);
    const send = (topic: string) => sender.send(devices, PAYLOAD, { topic, ttlSeconds: 60, urgency: "high" });
    for (let count = 0; count < JOBS_PER_PERSON_COUNT; count++) void send(`topic ${count}`);
    await send("one too many");
    expect([sender.waitingCount, sender.counts.dropped]).toEqual([JOBS_PER_PERSON_COUNT, 1]);
    const ben = await kit.app.person("Ben");
    await kit.subscribe(ben, "phone");
    const others = await subscriptions.devicesOf(ben.id);
    void sender.send(others, PAYLOAD, { topic: "test", ttlSeconds: 60, urgency: "high" });
    expect(sender.counts.dropped).toBe(1);
    answer.resolve(new Response(null, { status: 403 }));
  });

  it("tries nothing again for which nobody would wait any more", async () => {
    await using kit = await PushKit.open();
    const { service, app: { owner, services } } = kit;
    const { sender, subscriptions } = services.push;
    service.answerBy(() => new Response(null, { status: 429, headers: { "retry-after": "120" } }));
    await kit.subscribe(owner, "laptop");
    const devices = await subscriptions.devicesOf(owner.id);
    void sender.send(devices, PAYLOAD, { topic: "test", ttlSeconds: 60, urgency: "high" });
    await expect.poll(() => sender.counts.failed, LONG).toBe(1);
    expect([sender.waitingCount, service.asked.length]).toEqual([0, 1]);
  });

  it("tries nothing again for a device whose session has ended, or that is another person's now", async () => {
    await using kit = await PushKit.open();
    const { service, app: { owner, services } } = kit;
    const { sender, subscriptions } = services.push;
    const ben = await kit.app.person("Ben");
    const cy = await kit.app.person("Cy");
    const ends = {
      Ben: () => ben.api.auth.signOut.mutate(),
      Cy: async () => owner.api.push.subscribe.mutate({ subscription: await service.subscribe("Cy") }),
    };
    for (const [index, { id, api, name }] of [ben, cy].entries()) {
      await kit.subscribe({ api }, name);
      const isOver = Promise.withResolvers<void>();
      service.answerBy(() => isOver.promise.then(() => new Response(null, { status: 503 })));
      const devices = await subscriptions.devicesOf(id);
      const sent = sender.send(devices, PAYLOAD, { topic: "test", ttlSeconds: 60, urgency: "high" });
      await expect.poll(() => service.asked.length, LONG).toBe(index + 1);
      await ends[name as keyof typeof ends]();
      isOver.resolve();
      await sent;
      expect([service.asked.length, sender.counts.dropped]).toEqual([index + 1, index + 1]);
    }
  });

  it("lets the push service keep what is sent again no longer than somebody waits for it", async () => {
    let laterMs = 0;
    await using kit = await PushKit.open({ now: () => Date.now() + laterMs });
    const { service, app: { owner, services } } = kit;
    const { sender, subscriptions } = services.push;
    service.answerBy((_device, attempt) => {
      if (attempt > 1) return new Response(null, { status: 201 });
      laterMs = 20_000;
      return new Response(null, { status: 503 });
    });
    await kit.subscribe(owner, "laptop");
    const devices = await subscriptions.devicesOf(owner.id);
    await sender.send(devices, PAYLOAD, { topic: "test", ttlSeconds: 45, urgency: "high" });
    expect(service.asked.length).toBe(2);
    expect(Number(service.received[0]?.headers.get("ttl"))).toBeLessThanOrEqual(25);
  });
});
