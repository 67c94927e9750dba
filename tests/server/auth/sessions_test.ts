import { describe, expect, it } from "vitest";
import { AccountKit, failureCode, OWNER_PASSWORD } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";
import { newId } from "../../../shared/ids.ts";
import type { SessionId, TokenId } from "../../../shared/ids.ts";
import type { Login } from "../../../server/net/connection.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function loginOf({ me }: Person): Login {
  return { userId: me.id, accountId: me.id, sessionId: me.sessionId, tokenId: null };
}

describe("auth.sessions", () => {
  it("lists one's sessions, and revoking one ends it", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    kit.advance(1000);
    const phone = kit.browser();
    const there = await phone.api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD });
    const sessions = await owner.api.auth.sessions();
    expect(sessions.map(({ id, current }) => [id, current])).toEqual([
      [there.sessionId, false],
      [owner.me.sessionId, true],
    ]);
    expect(sessions[0]).toMatchObject({ userAgent: "Test browser", createdAt: "2030-01-31T12:00:01.000Z" });
    kit.notices.length = 0;
    await owner.api.auth.revokeSession({ sessionId: there.sessionId ?? newId<SessionId>() });
    expect(kit.notices).toEqual([{
      type: "session_ended",
      userId: owner.me.id,
      sessionId: there.sessionId,
      tokenId: null,
      reason: "ended",
    }]);
    expect(await phone.api.auth.me()).toBeNull();
    expect(await failureCode(phone.api.auth.sessions())).toBe("unauthenticated");
  });

  it("does not reach other people's sessions", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const sessionId = owner.me.sessionId ?? newId<SessionId>();
    expect(await failureCode(ben.api.auth.revokeSession({ sessionId }))).toBe("not_found");
    expect(await owner.api.auth.me()).not.toBeNull();
  });

  it("keeps at most 100 per person", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    for (let index = 0; index < 100; index++) {
      kit.advance(1);
      await kit.browser().api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD });
    }
    expect(await owner.api.auth.me()).toBeNull();
    expect(await kit.services.sessions.list(owner.me.id)).toHaveLength(100);
  });

  it("stores no token", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { token } = await owner.api.tokens.create({ label: "Backup" });
    const stored = JSON.stringify(await kit.services.db.list([], { limit: 1000 }));
    expect(stored).toContain(owner.me.id);
    for (const secret of [owner.browser.cookie ?? "", token, OWNER_PASSWORD]) {
      expect(stored).not.toContain(secret);
    }
  });
});

describe("auth.signOut", () => {
  it("ends the session and clears the cookie, also when repeated", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { cookie } = owner.browser;
    expect(await owner.api.auth.signOut()).toBeNull();
    expect(owner.browser.cookie).toBeUndefined();
    owner.browser.cookie = cookie;
    expect(await owner.api.auth.me()).toBeNull();
    expect(await owner.api.auth.signOut()).toBeNull();
  });

  it("is not for tokens", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const program = kit.browser();
    program.bearer = (await owner.api.tokens.create({ label: "Backup" })).token;
    expect(await failureCode(program.api.auth.signOut())).toBe("not_allowed");
    expect(await program.api.auth.me()).toMatchObject({ name: "Ana", sessionId: null });
  });
});

describe("the expiry of a session", () => {
  it("is 14 days after the last use, and stays when the clock steps back", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    kit.advance(13 * DAY_MS);
    expect(await owner.api.auth.me()).not.toBeNull();
    kit.advance(14 * DAY_MS - 1);
    const copy = kit.browser();
    copy.cookie = owner.browser.cookie;
    expect(await copy.api.auth.me()).not.toBeNull();
    kit.advance(14 * DAY_MS);
    expect(await owner.api.auth.me()).toBeNull();
    kit.advance(-2 * DAY_MS);
    expect(await owner.api.auth.me()).toBeNull();
  });

  it("is 90 days after sign-in at the latest, however often it is used", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    for (let day = 1; day < 90; day++) {
      kit.advance(DAY_MS);
      expect(await owner.api.auth.me()).not.toBeNull();
    }
    kit.advance(DAY_MS);
    expect(await owner.api.auth.me()).toBeNull();
  });

  it("is after a day without use, and after 7 days at the latest, for guests", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const roomId = await kit.room(owner, "Plans");
    const [gus, gil] = [await kit.guest(owner, "Gus", roomId), await kit.guest(owner, "Gil", roomId)];
    for (let half = 1; half < 14; half++) {
      kit.advance(DAY_MS / 2);
      expect(await gus.api.auth.me()).not.toBeNull();
      if (half === 1) expect(await gil.api.auth.me()).not.toBeNull();
    }
    expect(await gil.api.auth.me()).toBeNull();
    kit.advance(DAY_MS / 2);
    expect(await gus.api.auth.me()).toBeNull();
  });

  it("is not affected when the clock steps by ±1 h", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    for (const ms of [3_600_000, -7_200_000, 3_600_000]) {
      kit.advance(ms);
      expect(await owner.api.auth.me()).not.toBeNull();
    }
  });
});

describe("AccountStore.resolve", () => {
  it("caches an answer for a second, unless a notice ends it", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const { accounts, users, sessions, db } = kit.services;
    let reads = 0;
    const getMany = db.getMany.bind(db);
    db.getMany = (keys) => {
      reads++;
      return getMany(keys);
    };
    const login = loginOf(ben);
    for (let round = 0; round < 5; round++) {
      expect(await accounts.resolve(login)).toMatchObject({ name: "Ben" });
    }
    const cached = reads;
    await accounts.resolve(login);
    expect(reads).toBe(cached);
    kit.advance(1000);
    await accounts.resolve(login);
    expect(reads).toBe(cached + 1);

    await users.rename(ben.me.id, "Benjamin");
    expect((await accounts.resolve(login))?.name).toBe("Benjamin");
    await users.setRole(ben.me.id, "admin", null);
    expect((await accounts.resolve(login))?.role).toBe("admin");
    await sessions.end(ben.me.id, ben.me.sessionId ?? newId<SessionId>());
    expect(await accounts.resolve(login)).toBeNull();
  });

  it("does not cache a read that a change has overtaken", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    kit.advance(MINUTE_MS);
    const { accounts, users } = kit.services;
    for (let round = 0; round < 20; round++) {
      const role = round % 2 === 0 ? "guest" : "member";
      const reading = accounts.resolve(loginOf(ben));
      await Promise.all([reading, users.setRole(ben.me.id, role, null)]);
      expect((await accounts.resolve(loginOf(ben)))?.role).toBe(role);
    }
  });

  it("never caches failures, so that rights granted elsewhere apply immediately", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { accounts, sessions, db } = kit.services;
    const prepared = sessions.prepare({ userId: owner.me.id, role: "owner", userAgent: "" });
    const login: Login = {
      userId: owner.me.id,
      accountId: owner.me.id,
      sessionId: prepared.row.id,
      tokenId: null,
    };
    expect(await accounts.resolve(login)).toBeNull();
    await db.commit({ sets: prepared.sets });
    expect(await accounts.resolve(login)).not.toBeNull();
  });

  it("returns null for logins that never existed", async () => {
    await using kit = await AccountKit.open();
    const { me } = await kit.owner();
    const { accounts } = kit.services;
    const [sessionId, tokenId] = [newId<SessionId>(), newId<TokenId>()];
    expect(await accounts.resolve({ userId: me.id, sessionId, tokenId: null })).toBeNull();
    expect(await accounts.resolve({ userId: me.id, sessionId: null, tokenId })).toBeNull();
    expect(await accounts.resolve({ userId: me.id, sessionId: null, tokenId: null })).toBeNull();
    expect(await accounts.login({})).toBeNull();
    expect(await accounts.login({ cookieToken: "", bearerToken: "x" })).toBeNull();
  });

  it("records a use at most every 5 minutes", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const lastSeen = async () => (await owner.api.auth.sessions())[0]?.lastSeenAt;
    kit.advance(5 * MINUTE_MS - 1);
    expect(await lastSeen()).toBe("2030-01-31T12:00:00.000Z");
    kit.advance(1001);
    expect(await lastSeen()).toBe("2030-01-31T12:05:01.000Z");
  });
});
