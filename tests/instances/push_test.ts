import { describe, expect, it } from "vitest";
import { newId } from "../../shared/ids.ts";
import type { TabId } from "../../shared/ids.ts";
import { keys } from "../../server/kv/keys.ts";
import type { ServerOverrides } from "../../server/server.ts";
import { CLAIM_MS } from "../../server/push/push_claim_store.ts";
import type { PushClaimRow } from "../../server/push/push_claim_store.ts";
import { callTab, directRoom, VOICE } from "../support/call_kit.ts";
import { hasDenokv } from "../support/denokv.ts";
import { PUSH_CONFIG } from "../support/push_kit.ts";
import { PushService } from "../support/push_service.ts";
import type { Client } from "../support/test_clients.ts";
import { twoInstances } from "../support/two_instances.ts";

const isPossible = await hasDenokv();
const LONG = { timeout: 60_000 };

/** Ben has notifications on a laptop, whose page is connected to the second instance, and on a phone without one. */
async function open(overrides: Pick<ServerOverrides, "now"> = {}) {
  const service = new PushService();
  const pair = await twoInstances({
    ...overrides,
    config: PUSH_CONFIG,
    push: { fetch: service.fetch, retryAfterMs: [20, 20, 20] },
  });
  const { app } = pair;
  const ben = await app.person("Ben");
  const phone = app.device().client("http");
  await phone.auth.signIn.mutate({ name: "Ben", password: ben.password ?? "" });
  for (const [api, name] of [[ben.api, "laptop"], [phone, "phone"]] as const) {
    await api.push.subscribe.mutate({ subscription: await service.subscribe(name) });
  }
  const { b } = pair;
  await expect.poll(() => b.services.push.subscriptions.people.has(ben.id), LONG).toBe(true);
  return {
    ...{ pair, app, service, ben, phone },
    roomId: await directRoom(app.owner, ben),
    pushesOf: (name: string) => service.payloadsOf(name).map(({ body }) => body),
    async [Symbol.asyncDispose]() {
      await pair[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(!isPossible)("push on two instances", () => {
  it("sends each message once, also if the instance that began was killed", async () => {
    await using test = await open();
    const { pair, app, service, roomId, pushesOf } = test;
    const [onA, onB] = [app.owner.api, pair.client("b", app.owner, "http")];
    const publicKeys = await Promise.all(
      [onA, onB].map(async (api) => (await api.push.key.query()).publicKey),
    );
    expect(new Set(publicKeys).size).toBe(1);
    const texts: string[] = [];
    const send = async (api: Client, text: string) => {
      const { offset } = await api.messages.send.mutate({ roomId, clientMessageId: text, text });
      texts.push(text);
      await expect.poll(() => pushesOf("phone"), LONG).toEqual(texts);
      return offset;
    };
    await send(onA, "one");
    const offset = await send(onB, "two");
    // As if a third instance had begun to send the next one.
    const claim: PushClaimRow = { by: "killed", until: Date.now() + 1_500, isDone: false, data: null };
    await app.services.db.commit({ sets: [[keys.pushClaim(roomId, offset + 1, "now"), claim]] });
    await send(onA, "three");
    expect(Date.now()).toBeGreaterThanOrEqual(claim.until);
    await send(onB, "four");
    expect(service.asked.filter((name) => name === "phone").length).toBe(4);
  }, 120_000);

  it(
    "sends what a killed instance began as it is by then: edited, or not at all if it was deleted",
    async () => {
      const clock = { now: Date.parse("2030-01-31T12:00:00Z") };
      await using test = await open({ now: () => clock.now });
      const { app, service, roomId, pushesOf } = test;
      const { api } = app.owner;
      const until = clock.now + CLAIM_MS;
      const claim: PushClaimRow = { by: "killed", until, isDone: false, data: null };
      const send = async (text: string) =>
        (await api.messages.send.mutate({ roomId, clientMessageId: text, text })).offset;
      const first = await send("one");
      await expect.poll(() => pushesOf("phone"), LONG).toEqual(["one"]);
      await app.services.db.commit({
        sets: [1, 2].map((number) => [keys.pushClaim(roomId, first + number, "now"), claim] as const),
      });
      const deleted = await send("deleted");
      const edited = await send("two");
      await api.messages.delete.mutate({ roomId, offset: deleted });
      await api.messages.edit.mutate({ roomId, offset: edited, text: "edited" });
      clock.now = until;
      await expect.poll(() => pushesOf("phone").at(-1), LONG).toBe("edited");
      expect(pushesOf("phone")).toEqual(["one", "edited"]);
      expect(service.asked.filter((name) => name === "phone").length).toBe(2);
    },
    120_000,
  );

  it("pushes a ring once, not to pages of other instances, and its end to the same devices", async () => {
    await using test = await open();
    const { pair, app, service, ben, roomId, pushesOf } = test;
    const laptop = await callTab(pair.client("b", ben, "ws"));
    await laptop.api.presence.set.mutate({ status: "away" });
    const { presence } = app.services;
    const sessionId = ben.me.sessionId ?? "";
    await expect.poll(() => presence.isConnected(ben.id, sessionId), LONG).toBe(true);
    const ana = await callTab(app.clientFor(app.owner, "ws"));
    const { call: first } = await ana.start(roomId);
    await expect.poll(() => pushesOf("phone"), LONG).toEqual(["Incoming call"]);
    await laptop.api.calls.accept.mutate({ callId: first.callId, tabId: laptop.tabId, media: VOICE });
    await expect.poll(() => pushesOf("phone"), LONG).toEqual(["Incoming call", "Answered on another device"]);
    await ana.leave(first);
    const { call: second } = await ana.start(roomId);
    await expect.poll(() => pushesOf("phone").length, LONG).toBe(3);
    const onB = pair.client("b", ben, "http");
    await onB.calls.decline.mutate({ callId: second.callId, tabId: newId<TabId>(), reason: "declined" });
    await expect.poll(() => pushesOf("phone").at(-1), LONG).toBe("Declined on another device");
    expect(service.asked).toEqual(["phone", "phone", "phone", "phone"]);
  }, 120_000);
});
