import { describe, expect, it } from "vitest";
import { isCanonicalTarget } from "../../../server/net/target.ts";
import { RawClient } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

/** Spellings of `/readyz`, `/trpc/auth.me` and other paths that some routers or proxies parse as a different path. */
const CROOKED = [
  "/./trpc/auth.me",
  "/x/../trpc/auth.me",
  "/trpc/.",
  "/trpc/..",
  "/trpc/../trpc/auth.me",
  "//trpc/auth.me",
  "/trpc//auth.me",
  "/trpc/auth.me//",
  "/\\trpc/auth.me",
  "/trpc\\auth.me",
  "/%72eadyz",
  "/trpc/auth%2eme",
  "/trpc/auth%2Eme",
  "/trpc/%61uth.me",
  "/trpc%2Fauth.me",
  "/trpc%2fauth.me",
  "/trpc%5Cauth.me",
  "/trpc%5cauth.me",
  "/%2e%2e/trpc/auth.me",
  "/%2e/trpc/auth.me",
  "/trpc/auth.me#x",
  "/trpc/auth.me?x#y",
  "/trpc/auth.me%",
  "/trpc/auth.me%2",
  "/trpc/auth.me%zz",
  "/trpc/%00",
  "/trpc/%0d%0a",
  "/trpc/%252e",
  '/trpc/"',
  "/trpc/<a>",
  "/trpc/{a}",
  "/trpc/caf\u00e9",
  "*",
  "trpc/auth.me",
  "",
];

const STRAIGHT = [
  "/",
  "/?",
  "/readyz",
  "/trpc",
  "/trpc?connectionParams=1",
  "/trpc/auth.me",
  "/trpc/auth.me,rooms.list?batch=1&input=%7B%7D",
  "/trpc/auth.me%2Cauth.me?batch=1&input={}",
  "/r/AbCdEf-_0123456/12",
  "/static/app-1a2b.js",
  "/a/.hidden/b..c/...",
  "/trpc/caf%C3%A9",
  "/trpc/a?next=/x/../y//z&p=a%2e%2Fb",
];

describe("isCanonicalTarget()", () => {
  it("accepts unambiguous targets", () => {
    for (const target of STRAIGHT) expect([target, isCanonicalTarget(target)]).toEqual([target, true]);
  });

  it("refuses targets that a router may parse as another path than the limits do", () => {
    for (const target of [...CROOKED, "http://127.0.0.1/trpc/auth.me", "HTTP://x/", "ws://x/trpc"]) {
      expect([target, isCanonicalTarget(target)]).toEqual([target, false]);
    }
  });

  it("takes time proportional to the length", () => {
    for (const piece of ["/.a", "%C3", "/a", "a%41", "?"]) {
      const target = `/${piece.repeat(16_000 / piece.length)}#`;
      // The best of three, because other programs may interrupt a run.
      const times = [1, 2, 3].map(() => {
        const start = performance.now();
        expect(isCanonicalTarget(target)).toBe(false);
        return performance.now() - start;
      });
      expect(Math.min(...times)).toBeLessThan(100);
    }
  });
});

describe("a target that is not canonical", () => {
  it("gets 400 before its origin, rate and credential are checked", async () => {
    await using app = await testApp();
    let lookupCount = 0;
    const { accounts } = app.services;
    const login = accounts.login.bind(accounts);
    accounts.login = (credentials) => {
      lookupCount++;
      return login(credentials);
    };
    const crooked = [...CROOKED.filter((target) => /^[/*][!-~]*$/.test(target)), `${app.url}/trpc/auth.me`];
    for (const target of crooked) {
      for (const upgrade of [[], ["Connection: Upgrade", "Upgrade: websocket"]]) {
        await using client = await RawClient.dial(app.port, app.device().address);
        client.request([
          `GET ${target} HTTP/1.1`,
          "Host: 127.0.0.1",
          "Origin: https://evil.example",
          "Cookie: sid=none",
          ...upgrade,
        ]);
        await client.answered();
        expect([target, upgrade.length, client.status]).toEqual([target, upgrade.length, 400]);
        expect(client.headers.get("x-content-type-options")).toBe("nosniff");
      }
    }
    expect(lookupCount).toBe(0);
  });

  it("does not bypass the limit of an address", async () => {
    await using app = await testApp();
    const { address } = app.device();
    const targets = ["/./trpc/auth.me", "/x/../trpc/auth.me", "/%72eadyz", `${app.url}/trpc/auth.me`];
    await Promise.all(targets.map(async (target) => {
      await using client = await RawClient.dial(app.port, address);
      for (let count = 1; count <= 100; count++) {
        client.request([`GET ${target} HTTP/1.1`, "Host: 127.0.0.1"]);
        await waitFor(() => client.text.split("HTTP/1.1 ").length - 1 === count);
      }
      expect(client.text.split("HTTP/1.1 400").length - 1).toBe(100);
    }));
  });
});
