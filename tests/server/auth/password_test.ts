import { describe, expect, it } from "vitest";
import { HASHES_AT_ONCE_COUNT, PasswordHasher } from "../../../server/auth/password.ts";
import { AppError } from "../../../shared/errors.ts";
import { PASSWORD_HASH_QUEUE_COUNT } from "../../../shared/limits.ts";

/** The subject of the work. */
const ME = ["192.0.2.1"] as const;
const CHEAP = { logN: 4, r: 1, p: 1 } as const;

describe("PasswordHasher", () => {
  it("hashes at the cost that OWASP recommends, each time with a new salt", async () => {
    const hasher = new PasswordHasher();
    const [one, two] = await Promise.all([
      hasher.hash("nine blue kettles", ME),
      hasher.hash("nine blue kettles", ME),
    ]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await hasher.verify("nine blue kettles", one, ME)).toBe(true);
    expect(await hasher.verify("nine blue kettle", one, ME)).toBe(false);
  });

  it("leaves the event loop free", async () => {
    const hasher = new PasswordHasher();
    let longestMs = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
    }, 5);
    const start = performance.now();
    await hasher.hash("nine blue kettles", ME);
    const wholeMs = performance.now() - start;
    clearInterval(timer);
    expect(longestMs).toBeLessThan(wholeMs / 2);
  });

  it("compares with the cost stored in the hash, so that it can be raised later", async () => {
    const stored = await new PasswordHasher(CHEAP).hash("nine blue kettles", ME);
    expect(await new PasswordHasher({ logN: 5, r: 2, p: 1 }).verify("nine blue kettles", stored, ME)).toBe(
      true,
    );
  });

  it("returns false without a stored hash, and for an invalid one", async () => {
    const hasher = new PasswordHasher(CHEAP);
    for (const stored of [null, "", "$scrypt$", "plain text"]) {
      expect(await hasher.verify("plain text", stored, ME)).toBe(false);
    }
  });

  it("accepts the same characters from another keyboard", async () => {
    const hasher = new PasswordHasher(CHEAP);
    expect(await hasher.verify("Zu\u0308rich 2030", await hasher.hash("Zürich 2030", ME), ME)).toBe(true);
  });

  it("leaves a core free, lets 40 calls wait, and refuses and counts the rest", async () => {
    const hasher = new PasswordHasher({ logN: 12, r: 8, p: 1 });
    const placeCount = HASHES_AT_ONCE_COUNT + PASSWORD_HASH_QUEUE_COUNT;
    const results = await Promise.allSettled(
      Array.from({ length: placeCount + 9 }, () => hasher.hash("nine blue kettles", ME)),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(placeCount);
    expect(hasher.refusedCount).toBe(9);
    for (const result of results) {
      if (result.status === "fulfilled") continue;
      expect(result.reason).toBeInstanceOf(AppError);
      expect(result.reason).toMatchObject({ appCode: "rate_limited", retryAfterMs: 2_000 });
    }
    expect(await hasher.hash("nine blue kettles", ME)).toContain("ln=12");
  });

  it("does not hash for a caller who has gone", async () => {
    const hasher = new PasswordHasher({ logN: 12, r: 8, p: 1 });
    const caller = { isGone: false };
    const hashes = Array.from({ length: 6 }, () => hasher.hash("nine blue kettles", ME, caller));
    // As many begin as there are cores.
    await new Promise((resolve) => setImmediate(resolve));
    caller.isGone = true;
    const results = await Promise.allSettled(hashes);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(HASHES_AT_ONCE_COUNT);
    expect(await hasher.hash("nine blue kettles", ME)).toContain("ln=12");
  });
});
