import { describe, expect, it } from "vitest";
import { RESET_LINK_RATE } from "../../../shared/limits.ts";
import { AccountKit, failureCode, MEMBER_PASSWORD, OWNER_PASSWORD } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";
import { testApp } from "../../support/test_app.ts";

const HOUR_MS = 3_600_000;
const ROUND_COUNT = 20;
const SOCKET_COUNT = 3;
const LINKS_A_SOCKET_COUNT = 6;

const tokenOf = (url: string) => url.split("#")[1] ?? "";

async function linkFor(by: Person, person: Person): Promise<string> {
  return tokenOf((await by.api.users.makeResetLink({ userId: person.me.id })).url);
}

const reset = (kit: AccountKit, token: string) =>
  kit.browser().api.auth.resetPassword({ token, password: "fourteen more kettles" });

describe("reset links", () => {
  it("made by an admin while somebody becomes owner do not open the owner's account", async () => {
    let now = Date.now();
    await using app = await testApp({ now: () => now });
    const [adam, ben] = [await app.person("Adam", { role: "admin" }), await app.person("Ben")];
    const sockets = Array.from({ length: SOCKET_COUNT }, () => app.clientFor(adam, "ws"));
    const owner = app.clientFor(app.owner, "ws");
    await Promise.all([owner, ...sockets].map((socket) => socket.auth.me.query()));
    let madeCount = 0;
    for (let round = 0; round < ROUND_COUNT; round++) {
      now += HOUR_MS;
      const links: string[] = [];
      const makeOne = async (socket: (typeof sockets)[number]) => {
        try {
          links.push(tokenOf((await socket.users.makeResetLink.mutate({ userId: ben.id })).url));
        } catch (error) {
          expect(error).toMatchObject({ data: { appCode: "not_allowed" } });
        }
      };
      const loops = sockets.map(async (socket) => {
        for (let count = 0; count < LINKS_A_SOCKET_COUNT; count++) await makeOne(socket);
      });
      await owner.users.setRole.mutate({ userId: ben.id, role: "owner" });
      await Promise.all(loops);
      madeCount += links.length;
      const stranger = app.device().client("http");
      for (const token of links) {
        const used = stranger.auth.resetPassword.mutate({ token, password: "fourteen more kettles" });
        await expect(used).rejects.toMatchObject({ data: { appCode: "reset_invalid" } });
      }
      await owner.users.setRole.mutate({ userId: ben.id, role: "member" });
    }
    expect(madeCount).toBeGreaterThan(0);
  });

  it("work only for the role they were made for, and while their maker may make them", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const [adam, ben] = [await kit.member(owner, "Adam"), await kit.member(owner, "Ben")];
    const setRole = (person: Person, role: "admin" | "member" | "owner") =>
      owner.api.users.setRole({ userId: person.me.id, role });
    await setRole(adam, "admin");
    const token = await linkFor(adam, ben);
    await setRole(ben, "owner");
    expect(await failureCode(reset(kit, token))).toBe("reset_invalid");
    await setRole(ben, "member");
    expect(await failureCode(reset(kit, token))).toBe("reset_invalid");

    const another = await linkFor(adam, ben);
    await setRole(adam, "member");
    expect(await failureCode(reset(kit, another))).toBe("reset_invalid");
    await setRole(adam, "admin");
    const third = await linkFor(adam, ben);
    await owner.api.users.deactivate({ userId: adam.me.id });
    expect(await failureCode(reset(kit, third))).toBe("reset_invalid");
    expect(await failureCode(reset(kit, await linkFor(owner, ben)))).toBeUndefined();
  });

  it("cannot be made by somebody who has just lost the right", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const [adam, ben] = [await kit.member(owner, "Adam"), await kit.member(owner, "Ben")];
    await owner.api.users.setRole({ userId: adam.me.id, role: "admin" });
    const demotion = owner.api.users.setRole({ userId: adam.me.id, role: "member" });
    const links = await Promise.allSettled([linkFor(adam, ben), linkFor(adam, ben)]);
    await demotion;
    for (const link of links) {
      if (link.status === "fulfilled") {
        expect(await failureCode(reset(kit, link.value))).toBe("reset_invalid");
      }
    }
    expect(await failureCode(kit.services.resets.issue(ben.me.id, adam.me.id))).toBe("not_allowed");
  });

  it("are looked up before the password, so that an empty one tells whether they work and changes nothing", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const token = await linkFor(owner, ben);
    const check = () => failureCode(kit.browser().api.auth.resetPassword({ token, password: "" }));
    for (let count = 0; count < 3; count++) expect(await check()).toBe("invalid_input");
    expect((await ben.api.auth.me())?.name).toBe("Ben");
    expect(await failureCode(reset(kit, token))).toBeUndefined();
    expect(await check()).toBe("reset_invalid");
    const dead = kit.browser().api.auth.resetPassword({ token: "never made", password: "" });
    expect(await failureCode(dead)).toBe("reset_invalid");
  });

  it("are limited, however many sessions their maker has", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const second = kit.browser();
    await second.api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD });
    for (let count = 0; count < RESET_LINK_RATE.burst; count++) await linkFor(owner, ben);
    for (const { api } of [owner, second]) {
      expect(await failureCode(api.users.makeResetLink({ userId: ben.me.id }))).toBe("rate_limited");
    }
  });

  it("are shown at each sign-in for 30 days, which nobody can prevent", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const [adam, ben] = [await kit.member(owner, "Adam"), await kit.member(owner, "Ben")];
    await owner.api.users.setRole({ userId: adam.me.id, role: "admin" });
    expect(ben.me.passwordResets).toEqual([]);
    // Adam uses the link himself, and sets a password again.
    const adamAsBen = kit.browser();
    const { passwordResets } = await adamAsBen.api.auth.resetPassword({
      token: await linkFor(adam, ben),
      password: "fourteen more kettles",
    });
    const first = { at: "2030-01-31T12:00:00.000Z", by: "Adam" };
    expect(passwordResets).toEqual([first]);
    await adamAsBen.api.auth.changePassword({ current: "fourteen more kettles", next: MEMBER_PASSWORD });
    kit.advance(HOUR_MS);
    const second = { at: "2030-01-31T13:00:00.000Z", by: "Ana" };
    const back = kit.browser();
    const me = await back.api.auth.resetPassword({
      token: await linkFor(owner, ben),
      password: "nine more kettles",
    });
    expect(me.passwordResets).toEqual([second, first]);
    expect((await back.api.auth.me())?.passwordResets).toEqual([second, first]);
    kit.advance(30 * 24 * HOUR_MS - HOUR_MS);
    const later = await kit.browser().api.auth.signIn({ name: "Ben", password: "nine more kettles" });
    expect(later.passwordResets).toEqual([second]);
    kit.advance(HOUR_MS);
    const muchLater = await kit.browser().api.auth.signIn({ name: "Ben", password: "nine more kettles" });
    expect(muchLater.passwordResets).toEqual([]);
  });
});
