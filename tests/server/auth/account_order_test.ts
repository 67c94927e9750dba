import { describe, expect, it } from "vitest";
import { AccountStore } from "../../../server/auth/account_store.ts";
import type { Database } from "../../../server/kv/database.ts";
import type { Login } from "../../../server/net/connection.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

/** A store on the app's database whose reads wait until the test releases them, in any order. */
function storeWithHeldReads(app: TestApp) {
  const held: (() => void)[] = [];
  const { db, feed, sessions, tokens } = app.services;
  const slow: Database = {
    get: (key) => db.get(key),
    getMany: async (keys) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return await db.getMany(keys);
    },
    list: (prefix, options) => db.list(prefix, options),
    commit: (commit) => db.commit(commit),
    close: () => db.close(),
  };
  return { held, store: new AccountStore({ db: slow, feed, sessions, tokens, now: Date.now }) };
}

async function loginOf(app: TestApp): Promise<Login> {
  const login = await app.services.accounts.login({ cookieToken: app.owner.device.cookie?.split("=")[1] });
  if (login === null) throw new Error("Nobody is signed in");
  return login;
}

describe("the actor of a request", () => {
  it("AUTH40 is looked up once for consecutive requests, so that they stay in order", async () => {
    await using app = await testApp();
    const { held, store } = storeWithHeldReads(app);
    const login = await loginOf(app);
    const order: number[] = [];
    const asked = [1, 2, 3].map((number) => store.resolve(login).then(() => order.push(number)));
    // Remote storage may answer in any order, so answer the last read first.
    for (const release of held.toReversed()) release();
    await Promise.all(asked);
    expect(order).toEqual([1, 2, 3]);
    expect(held.length).toBe(1);
    store.close();
  });

  it("AUTH41 does not come from a lookup that began before the session ended", async () => {
    await using app = await testApp();
    const { held, store } = storeWithHeldReads(app);
    const login = await loginOf(app);
    const before = store.resolve(login);
    await app.owner.api.auth.signOut.mutate();
    const after = store.resolve(login);
    expect(held.length).toBe(2);
    for (const release of held) release();
    expect(await after).toBeNull();
    await before;
    store.close();
  });
});
