import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { DEVICES_PER_PERSON_COUNT } from "../../../server/push/push_limits.ts";
import { GUEST_SESSION_IDLE_MS, SESSION_ABSOLUTE_MS, SESSION_IDLE_MS } from "../../../shared/limits.ts";
import { AccountKit, failure, failureCode, MEMBER_PASSWORD } from "../../support/account_kit.ts";
import type { Browser, Person } from "../../support/account_kit.ts";
import { pushSubscription } from "../../support/push_subscription.ts";

function devicesOf({ services }: AccountKit, { me }: Pick<Person, "me">) {
  return services.push.subscriptions.devicesOf(me.id);
}

async function rowCount({ services }: AccountKit): Promise<number> {
  return (await services.db.list(keys.pushesAll(), { limit: 1_000 })).length;
}

async function subscribe({ api }: Pick<Browser, "api">, index: number): Promise<void> {
  await api.push.subscribe({ subscription: pushSubscription(index) });
}

async function signIn(kit: AccountKit, name: string, password = MEMBER_PASSWORD): Promise<Browser> {
  const browser = kit.browser();
  await browser.api.auth.signIn({ name, password });
  return browser;
}

describe("push subscriptions", () => {
  it("belong to a session, which has one", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    expect((await owner.api.push.key()).publicKey).toMatch(/^[\w-]{87}$/);
    await subscribe(owner, 1);
    await subscribe(owner, 2);
    const [device, ...others] = await devicesOf(kit, owner);
    expect([device?.endpoint, device?.sessionId]).toEqual([pushSubscription(2).endpoint, owner.me.sessionId]);
    expect(others).toEqual([]);
    await owner.api.push.unsubscribe({ endpoint: pushSubscription(1).endpoint });
    expect(await rowCount(kit)).toBe(1);
    await owner.api.push.unsubscribe({ endpoint: pushSubscription(2).endpoint });
    expect(await rowCount(kit)).toBe(0);
  });

  it("move with their browser to its next session", async () => {
    await using kit = await AccountKit.open();
    const ben = await kit.member(await kit.owner(), "Ben");
    await subscribe(ben, 1);
    const again = await signIn(kit, "Ben");
    await subscribe(again, 1);
    expect((await devicesOf(kit, ben)).map(({ sessionId }) => sessionId)).toEqual([
      (await again.api.auth.me())?.sessionId,
    ]);
  });

  it("move with their browser to the next person who signs in there", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    await subscribe(owner, 1);
    await subscribe(ben, 1);
    expect(await devicesOf(kit, owner)).toEqual([]);
    expect((await devicesOf(kit, ben)).map(({ endpoint }) => endpoint)).toEqual([
      pushSubscription(1).endpoint,
    ]);
    // Only what it still has is taken away.
    await subscribe(owner, 2);
    await subscribe(ben, 3);
    await subscribe(owner, 1);
    expect((await devicesOf(kit, ben)).map(({ endpoint }) => endpoint)).toEqual([
      pushSubscription(3).endpoint,
    ]);
    expect(await rowCount(kit)).toBe(2);
  });

  it("have one owner when two people subscribe the same browser at once", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    await Promise.all([subscribe(owner, 1), subscribe(ben, 1), subscribe(owner, 1), subscribe(ben, 1)]);
    expect(await rowCount(kit)).toBe(1);
  });

  it("leave no trace of their endpoint", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const endpointCount = async () =>
      (await kit.services.db.list(keys.pushEndpoints(), { limit: 10 })).length;
    await subscribe(owner, 1);
    await subscribe(owner, 2);
    expect(await endpointCount()).toBe(1);
    await owner.api.push.unsubscribe({ endpoint: pushSubscription(2).endpoint });
    expect(await endpointCount()).toBe(0);
    await subscribe(owner, 3);
    const [device] = await devicesOf(kit, owner);
    if (device !== undefined) await kit.services.push.subscriptions.remove(device);
    expect(await endpointCount()).toBe(0);
    await subscribe(owner, 4);
    await owner.api.auth.signOut();
    kit.advance(SESSION_ABSOLUTE_MS);
    await kit.services.expiry.collect();
    expect(await endpointCount()).toBe(0);
  });

  it("end with their session: signed out, revoked, password changed or reset, deactivated, expired", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const ends: Readonly<Record<string, (browser: Browser) => Promise<unknown>>> = {
      "signed out": ({ api }) => api.auth.signOut(),
      "revoked": async ({ api }) =>
        ben.api.auth.revokeSession({ sessionId: (await api.auth.me())?.sessionId ?? ("" as never) }),
      "password changed": () =>
        ben.api.auth.changePassword({ current: MEMBER_PASSWORD, next: MEMBER_PASSWORD }),
      "signed in anew": ({ api }) => api.auth.signIn({ name: "Ben", password: MEMBER_PASSWORD }),
      "reset": async () => {
        const { url } = await owner.api.users.makeResetLink({ userId: ben.me.id });
        await ben.api.auth.resetPassword({ token: url.split("#").at(-1) ?? "", password: MEMBER_PASSWORD });
      },
    };
    for (const [name, end] of Object.entries(ends)) {
      const browser = await signIn(kit, "Ben");
      await subscribe(browser, 1);
      expect(await rowCount(kit), name).toBe(1);
      await end(browser);
      expect(await rowCount(kit), name).toBe(0);
    }
    const expired = await signIn(kit, "Ben");
    await subscribe(expired, 1);
    kit.advance(SESSION_IDLE_MS + 1);
    expect(await devicesOf(kit, ben)).toEqual([]);
    await kit.services.expiry.collect();
    expect(await rowCount(kit)).toBe(0);
  });

  it("of a deactivated person, or an expired guest, are not used even while they are stored", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const guest = await kit.guest(owner, "Gus", await kit.room(owner, "Lobby"));
    await subscribe(guest, 1);
    kit.advance(GUEST_SESSION_IDLE_MS + 1);
    expect(await rowCount(kit)).toBe(1);
    expect(await devicesOf(kit, guest)).toEqual([]);
    const again = await signIn(kit, "Ana", "seven green bicycles");
    const ben = await kit.member({ ...owner, api: again.api, browser: again }, "Ben");
    await subscribe(ben, 2);
    await kit.services.users.deactivate(ben.me.id, owner.me.id);
    expect(await devicesOf(kit, ben)).toEqual([]);
    await again.api.users.deactivate({ userId: ben.me.id });
    expect(await kit.services.db.list(keys.pushesOf(ben.me.id), { limit: 10 })).toEqual([]);
  });

  it("that are added while the last one ends are not overlooked", async () => {
    await using kit = await AccountKit.open();
    const ben = await kit.member(await kit.owner(), "Ben");
    const { subscriptions } = kit.services.push;
    await subscribe(ben, 1);
    await ben.api.push.unsubscribe({ endpoint: pushSubscription(1).endpoint });
    kit.db.afterRead(keys.pushesOf(ben.me.id), () => subscribe(ben, 2));
    expect(await devicesOf(kit, ben)).toEqual([]);
    expect(subscriptions.people.has(ben.me.id)).toBe(true);
    await ben.api.push.unsubscribe({ endpoint: pushSubscription(2).endpoint });
    await devicesOf(kit, ben);
    expect(subscriptions.people.has(ben.me.id)).toBe(false);
  });

  it("are at most 20 a person: the next replaces the oldest", async () => {
    await using kit = await AccountKit.open();
    const ben = await kit.member(await kit.owner(), "Ben");
    await subscribe(ben, 0);
    for (let index = 1; index <= DEVICES_PER_PERSON_COUNT; index++) {
      kit.advance(60_000);
      await subscribe(await signIn(kit, "Ben"), index);
    }
    const endpoints = (await devicesOf(kit, ben)).map(({ endpoint }) => endpoint);
    expect(endpoints.length).toBe(DEVICES_PER_PERSON_COUNT);
    expect(endpoints).not.toContain(pushSubscription(0).endpoint);
    expect(endpoints).toContain(pushSubscription(DEVICES_PER_PERSON_COUNT).endpoint);
  });

  it("are refused for other hosts, wrong keys, and programs", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { endpoint, keys: secrets } = pushSubscription(1);
    const ask = (subscription: ReturnType<typeof pushSubscription>) =>
      failure(owner.api.push.subscribe({ subscription }));
    for (const other of ["https://evil.example/x", "https://127.0.0.1/x", "http://fcm.googleapis.com/x"]) {
      expect((await ask({ endpoint: other, keys: secrets }))?.appCode, other).toBe("push_host_refused");
    }
    const offCurve = `${secrets.p256dh.slice(0, -4)}AAAA`;
    for (const p256dh of ["", "AAAA", offCurve, "!".repeat(87)]) {
      expect(await ask({ endpoint, keys: { ...secrets, p256dh } })).toMatchObject({
        appCode: "invalid_input",
        issues: [{ path: "subscription.keys.p256dh" }],
      });
    }
    expect((await ask({ endpoint, keys: { ...secrets, auth: "AAAA" } }))?.appCode).toBe("invalid_input");
    expect(
      (await ask({ endpoint: `https://fcm.googleapis.com/${"x".repeat(1_024)}`, keys: secrets }))?.appCode,
    )
      .toBe("invalid_input");
    const bot = kit.browser();
    bot.bearer = (await owner.api.tokens.create({ label: "Robot" })).token;
    expect(await failureCode(subscribe(bot, 1))).toBe("not_allowed");
    expect(await failureCode(bot.api.push.test())).toBe("not_allowed");
    expect(await rowCount(kit)).toBe(0);
  });

  it("tell of a person once, since all that is known of members is read again then", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const told: string[] = [];
    kit.services.push.subscriptions.onPerson((userId) => told.push(userId));
    await subscribe(owner, 1);
    await subscribe(owner, 1);
    await subscribe(owner, 2);
    expect(told).toEqual([owner.me.id]);
  });
});
