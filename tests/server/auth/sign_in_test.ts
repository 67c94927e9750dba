import { describe, expect, it } from "vitest";
import {
  AccountKit,
  failure,
  failureCode,
  MEMBER_PASSWORD,
  OWNER_PASSWORD,
} from "../../support/account_kit.ts";
import { AttemptStore } from "../../../server/auth/attempt_store.ts";
import { PasswordHasher } from "../../../server/auth/password.ts";

const MINUTE_MS = 60_000;

/** Counts password comparisons from now on. */
function countHashes(kit: AccountKit): () => number {
  let count = 0;
  const { hasher } = kit.services;
  const verify = hasher.verify.bind(hasher);
  hasher.verify = (password, stored, subjects, caller) => {
    count++;
    return verify(password, stored, subjects, caller);
  };
  return () => count;
}

describe("auth.signIn", () => {
  it("accepts any spelling of the name and any encoding of the password", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Bén Ångström");
    for (const name of ["Bén Ångström", "ben angstrom", "  BEN  ANGSTROM ", "Ｂｅｎ Angstrom"]) {
      const me = await kit.browser().api.auth.signIn({ name, password: MEMBER_PASSWORD });
      expect(me.id).toBe(ben.me.id);
    }
    const fullWidth = MEMBER_PASSWORD.replace("nine", "ｎｉｎｅ");
    expect(await failureCode(kit.browser().api.auth.signIn({ name: "ben angstrom", password: fullWidth })))
      .toBeUndefined();
  });

  it("answers the same to an unknown name, a wrong password, a guest and a deactivated account", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    await kit.member(owner, "Cleo");
    const general = await kit.services.rooms.general();
    if (general === null) throw new Error("There must be a room of all");
    await kit.guest(owner, "Gus", general);
    await owner.api.users.deactivate({ userId: ben.me.id });
    const answers: Awaited<ReturnType<typeof failure>>[] = [];
    for (const name of ["Ben", "Cleo", "Gus", "Nobody", "", "\u0000"]) {
      const password = name === "Ben" ? MEMBER_PASSWORD : "wrong password";
      answers.push(await failure(kit.browser().api.auth.signIn({ name, password })));
    }
    expect(answers).toEqual(answers.map(() => answers[0]));
    expect(answers[0]?.appCode).toBe("bad_credentials");
  });

  it("compares at most 5 of 100 wrong passwords for one name from one address", async () => {
    await using kit = await AccountKit.open();
    await kit.owner();
    const hashes = countHashes(kit);
    const browser = kit.browser();
    const codes: (string | undefined)[] = [];
    for (let round = 0; round < 10; round++) {
      const tries = Array.from({ length: 10 }, (_, index) => {
        return failureCode(browser.api.auth.signIn({ name: "Ana", password: `wrong ${round} ${index}` }));
      });
      codes.push(...await Promise.all(tries));
    }
    expect(hashes()).toBeLessThanOrEqual(5);
    expect(codes.filter((code) => code === "bad_credentials").length).toBe(hashes());
    expect(codes.filter((code) => code === "rate_limited").length).toBe(100 - hashes());

    const refused = await failure(browser.api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD }));
    expect(refused?.appCode).toBe("rate_limited");
    expect(refused?.retryAfterMs).toBeGreaterThan(0);
    expect(refused?.retryAfterMs).toBeLessThanOrEqual(MINUTE_MS);
    // A stranger's attempts lock nobody out.
    expect((await kit.browser().api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD })).name).toBe("Ana");

    kit.advance(MINUTE_MS);
    expect(await failureCode(browser.api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD })))
      .toBeUndefined();
  });

  it("compares at most 20 wrong passwords over 100 names from one address", async () => {
    await using kit = await AccountKit.open();
    await kit.owner();
    const hashes = countHashes(kit);
    const browser = kit.browser();
    const codes: (string | undefined)[] = [];
    for (let index = 0; index < 100; index++) {
      codes.push(
        await failureCode(browser.api.auth.signIn({ name: `Person ${index}`, password: "password" })),
      );
    }
    expect(hashes()).toBe(20);
    expect(codes.slice(0, 20).every((code) => code === "bad_credentials")).toBe(true);
    expect(codes.slice(20).every((code) => code === "rate_limited")).toBe(true);
  });

  it("counts an IPv6 customer as one address", async () => {
    await using kit = await AccountKit.open();
    await kit.owner();
    const codes: (string | undefined)[] = [];
    for (let index = 1; index <= 6; index++) {
      const browser = kit.browser(`2001:db8:1:2::${index}`);
      codes.push(await failureCode(browser.api.auth.signIn({ name: "Ana", password: "wrong" })));
    }
    expect(codes).toEqual([...Array<string>(5).fill("bad_credentials"), "rate_limited"]);
  });

  it("counts an IPv6 customer's /56 and /48 too, each with twice as much", async () => {
    await using kit = await AccountKit.open();
    await kit.owner();
    const hashes = countHashes(kit);
    const tryFrom = async (addressOf: (index: number) => string) => {
      for (let index = 0; index < 100; index++) {
        const password = `wrong ${index}`;
        await failureCode(
          kit.browser(addressOf(index)).api.auth.signIn({ name: `Person ${index}`, password }),
        );
      }
      return hashes();
    };
    expect(await tryFrom((index) => `2001:db8:1:2${index.toString(16).padStart(2, "0")}::1`)).toBe(40);
    expect(await tryFrom((index) => `2001:db8:1:${(index + 3).toString(16)}00::1`)).toBe(80);
    expect(await tryFrom((index) => `2001:db8:2:${(index + 3).toString(16)}00::1`)).toBe(160);
  });

  it("counts correct passwords as work, separately from wrong ones", async () => {
    await using kit = await AccountKit.open();
    await kit.owner();
    const hashes = countHashes(kit);
    const browser = kit.browser();
    const codes: (string | undefined)[] = [];
    for (let index = 0; index < 12; index++) {
      codes.push(await failureCode(browser.api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD })));
    }
    expect(codes).toEqual([...Array(10).fill(undefined), "rate_limited", "rate_limited"]);
    expect(hashes()).toBe(10);
    kit.advance(MINUTE_MS);
    expect(await failureCode(browser.api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD })))
      .toBeUndefined();
  });

  it("runs two attempts of one person at a time", async () => {
    await using kit = await AccountKit.open();
    await kit.owner();
    const hashes = countHashes(kit);
    const browser = kit.browser();
    const codes = await Promise.all(Array.from({ length: 8 }, () => {
      return failureCode(browser.api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD }));
    }));
    expect(codes.filter((code) => code === undefined)).toHaveLength(2);
    expect(codes.filter((code) => code === "rate_limited")).toHaveLength(6);
    expect(hashes()).toBe(2);
  });

  it("keeps the count after a restart", async () => {
    await using kit = await AccountKit.open();
    await kit.owner();
    const browser = kit.browser();
    for (let index = 0; index < 5; index++) {
      await failureCode(browser.api.auth.signIn({ name: "Ana", password: "wrong" }));
    }
    const attempts = new AttemptStore({ db: kit.services.db, now: () => Date.parse("2030-01-31T12:00:00Z") });
    const subject = `ana ${browser.address}`;
    expect(await failureCode(attempts.take("account", subject))).toBe("rate_limited");
  });

  it("ends the previous session, so that a planted cookie is useless", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const before = owner.browser.cookie;
    await owner.api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD });
    expect(owner.browser.cookie).not.toBe(before);
    const thief = kit.browser();
    thief.cookie = before;
    expect(await thief.api.auth.me()).toBeNull();
    expect(await owner.api.auth.sessions()).toHaveLength(1);
  });

  it("takes the same time for a known and an unknown name", async () => {
    const hasher = new PasswordHasher({ logN: 12, r: 8, p: 1 });
    const stored = await hasher.hash("right password", ["192.0.2.1"]);
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 40; round++) {
      for (const [times, hash] of [[known, stored], [unknown, null]] as const) {
        const start = performance.now();
        await hasher.verify("wrong password", hash, ["192.0.2.1"]);
        times.push(performance.now() - start);
      }
    }
    const ratio = median(known) / median(unknown);
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.33);
  });
});

describe("auth.changePassword", () => {
  it("renews this session's cookie and ends the other sessions, but not tokens", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const other = kit.browser();
    await other.api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD });
    const program = kit.browser();
    program.bearer = (await owner.api.tokens.create({ label: "Backup" })).token;
    const before = owner.browser.cookie;

    await owner.api.auth.changePassword({ current: OWNER_PASSWORD, next: "eight red umbrellas" });
    expect(owner.browser.cookie).not.toBe(before);
    expect((await owner.api.auth.me())?.sessionId).toBe(owner.me.sessionId);
    expect(await other.api.auth.me()).toBeNull();
    expect((await program.api.auth.me())?.name).toBe("Ana");
    const thief = kit.browser();
    thief.cookie = before;
    expect(await thief.api.auth.me()).toBeNull();
    expect(await failureCode(other.api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD })))
      .toBe("bad_credentials");
    expect(await failureCode(other.api.auth.signIn({ name: "Ana", password: "eight red umbrellas" })))
      .toBeUndefined();
  });

  it("refuses a wrong current password, which counts as a failed sign-in, and a weak new one", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const next = "eight red umbrellas";
    const weak = await failure(owner.api.auth.changePassword({ current: OWNER_PASSWORD, next: "short" }));
    expect(weak?.issues).toMatchObject([{ path: "next" }]);
    const codes: (string | undefined)[] = [];
    for (let index = 0; index < 6; index++) {
      codes.push(await failureCode(owner.api.auth.changePassword({ current: "wrong", next })));
    }
    expect(codes).toEqual([...Array<string>(5).fill("bad_credentials"), "rate_limited"]);
  });

  it("requires 8 characters for members and 12 for admins", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    await ben.api.auth.changePassword({ current: MEMBER_PASSWORD, next: "8 chars!" });
    await owner.api.users.setRole({ userId: ben.me.id, role: "admin" });
    const error = await failure(ben.api.auth.changePassword({ current: "8 chars!", next: "8 chars?" }));
    expect(error?.message).toContain("at least 12 characters");
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
