import { describe, expect, it } from "vitest";
import { PUSH_PAYLOAD_MAX_BYTES } from "../../../shared/notify/push_payload.ts";
import { PushKit } from "../../support/push_kit.ts";
import { pushSubscription } from "../../support/push_subscription.ts";
import { testApp } from "../../support/test_app.ts";

const METRICS_TOKEN = "token-of-the-metrics";
const METRICS_HEADERS = { authorization: `Bearer ${METRICS_TOKEN}` };

describe("push.test", () => {
  it("reaches the device that asks, encrypted for it and signed by the server", async () => {
    await using kit = await PushKit.open();
    const { service, app: { owner } } = kit;
    await kit.subscribe(owner, "laptop");
    const ben = await kit.app.person("Ben");
    await kit.subscribe(ben, "phone");
    await owner.api.push.test.mutate();
    await expect.poll(() => service.received.length).toBe(1);
    const [push] = service.received;
    expect(push?.device).toBe("laptop");
    expect(push?.payload).toMatchObject({ kind: "test", tag: "test", url: "/" });
    expect(push?.bodyBytes).toBe(PUSH_PAYLOAD_MAX_BYTES);
    expect(push?.claims).toMatchObject({
      aud: "https://fcm.googleapis.com",
      sub: "https://chat.example.org",
    });
    const { publicKey } = await owner.api.push.key.query();
    expect(push?.publicKey).toBe(publicKey);
    await owner.api.push.test.mutate();
    await expect.poll(() => service.received.length).toBe(2);
    const tokens = service.received.map(({ headers }) => headers.get("authorization"));
    expect(new Set(tokens).size, "signed once").toBe(1);
    const headers = Object.fromEntries(push?.headers ?? []);
    expect(headers).toMatchObject({ urgency: "high", "content-encoding": "aes128gcm" });
    expect(Number(headers["ttl"])).toBeGreaterThan(50);
    expect(Number(headers["ttl"])).toBeLessThanOrEqual(60);
    expect(headers["topic"]).toMatch(/^[\w-]{32}$/);
  });

  it("needs a subscription of this session", async () => {
    await using kit = await PushKit.open();
    const { owner } = kit.app;
    await expect(owner.api.push.test.mutate()).rejects.toThrow("Not found");
    await kit.subscribe(owner, "laptop");
    await expect(kit.app.clientFor(await kit.app.person("Ben"), "http").push.test.mutate()).rejects.toThrow();
    expect(kit.service.asked).toEqual([]);
  });

  it("is off without https, and keeps no subscription", async () => {
    await using app = await testApp();
    expect(await app.owner.api.push.key.query()).toEqual({ publicKey: null });
    await expect(app.owner.api.push.subscribe.mutate({ subscription: pushSubscription(1) })).rejects
      .toThrow("Push notifications are off");
  });
});

describe("a push", () => {
  it("to a device that is gone removes its subscription", async () => {
    await using kit = await PushKit.open();
    const { service, app: { owner, services } } = kit;
    for (const status of [404, 410]) {
      await kit.subscribe(owner, `device-${status}`);
      service.answerBy(() => new Response(null, { status }));
      await owner.api.push.test.mutate();
      await expect.poll(() => services.push.subscriptions.devicesOf(owner.id)).toEqual([]);
      service.answerBy(() => new Response(null, { status: 201 }));
    }
    expect(services.push.sender.counts.gone).toBe(2);
  });

  it("is sent again after 429, 5xx and a lost connection, and not after other refusals", async () => {
    await using kit = await PushKit.open({ config: { metricsToken: METRICS_TOKEN } });
    const { service, app: { owner, services } } = kit;
    await kit.subscribe(owner, "laptop");
    const answers = [
      () => new Response(null, { status: 429, headers: { "retry-after": "0" } }),
      () => new Response(null, { status: 503 }),
      () => new Response(null, { status: 500 }),
    ];
    service.answerBy((_device, attempt) => answers[attempt - 1]?.() ?? new Response(null, { status: 201 }));
    await owner.api.push.test.mutate();
    await expect.poll(() => service.received.length, { timeout: 30_000 }).toBe(1);
    expect(service.asked.length).toBe(4);
    expect(services.push.sender.counts.retried).toBe(3);
    service.answerBy(() => new Response("no", { status: 403 }));
    await owner.api.push.test.mutate();
    await expect.poll(() => services.push.sender.counts.failed).toBe(1);
    expect(service.asked.length).toBe(5);
    const metrics = await (await fetch(`${kit.app.url}/metrics`, { headers: METRICS_HEADERS })).text();
    expect(metrics.match(/^parley_push.*/gm)).toEqual([
      'parley_pushes_total{outcome="sent"} 1',
      'parley_pushes_total{outcome="refused"} 1',
      'parley_pushes_total{outcome="removed"} 0',
      'parley_pushes_total{outcome="dropped"} 0',
      "parley_push_retries_total 3",
      "parley_pushes_waiting 0",
    ]);
  });

  it("follows no redirect", async () => {
    await using kit = await PushKit.open();
    const { service, app: { owner, services } } = kit;
    await kit.subscribe(owner, "laptop");
    service.answerBy(() => new Response(null, { status: 307, headers: { location: "/fcm/send/other" } }));
    await owner.api.push.test.mutate();
    await expect.poll(() => services.push.sender.counts.failed).toBe(1);
    expect(service.asked).toEqual(["laptop"]);
  });

  it("to devices that do not answer keeps nobody waiting", async () => {
    await using kit = await PushKit.open();
    const { service, app } = kit;
    const stuck = Promise.withResolvers<Response>();
    const guest = await app.person("Gus");
    const dead = ["dead-1", "dead-2", "dead-3", "dead-4", "dead-5", "dead-6"];
    for (const [index, name] of dead.entries()) {
      const device = index === 0 ? guest.device : app.device();
      const api = device.client("http");
      if (index > 0) await api.auth.signIn.mutate({ name: "Gus", password: guest.password ?? "" });
      await kit.subscribe({ api }, name);
    }
    await kit.subscribe(app.owner, "laptop");
    service.answerBy((device) =>
      device.startsWith("dead")
        ? stuck.promise.then((response) => response.clone())
        : new Response(null, { status: 201 })
    );
    const { push } = app.services;
    const devices = await push.subscriptions.devicesOf(guest.id);
    const way = { topic: "test", ttlSeconds: 60, urgency: "high" } as const;
    const payload = { kind: "test", tag: "test", title: "t", body: "b", url: "/", close: [] } as const;
    const sent = push.sender.send(devices, payload, way);
    await app.owner.api.push.test.mutate();
    await expect.poll(() => service.payloadsOf("laptop").length).toBe(1);
    expect(push.sender.waitingCount).toBe(dead.length);
    stuck.resolve(new Response(null, { status: 410 }));
    await sent;
  });

  it("of a topic takes the place of those that wait", async () => {
    await using kit = await PushKit.open({ push: { retryAfterMs: [300_000] } });
    const { service, app: { owner, services } } = kit;
    await kit.subscribe(owner, "laptop");
    const { push } = services;
    const devices = await push.subscriptions.devicesOf(owner.id);
    const way = { topic: "room", ttlSeconds: 3_600, urgency: "high" } as const;
    const send = (body: string) =>
      push.sender.send(devices, { kind: "test", tag: "test", title: "t", body, url: "/", close: [] }, way);
    service.answerBy((_device, attempt) => new Response(null, { status: attempt === 1 ? 503 : 201 }));
    const first = send("first");
    await expect.poll(() => service.asked.length).toBe(1);
    await send("second");
    await first;
    expect(service.payloadsOf("laptop").map(({ body }) => body)).toEqual(["second"]);
    expect(push.sender.waitingCount).toBe(0);
  });
});
