import { describe, expect, it } from "vitest";
import { UserStore } from "../../../server/auth/user_store.ts";
import { RowUpdates } from "../../../server/kv/row_updates.ts";
import { ChatKit } from "../../support/chat_kit.ts";
import { waitFor } from "../../support/wait.ts";
import { AppError } from "../../../shared/errors.ts";
import { keys } from "../../../server/kv/keys.ts";

const RENAME_COUNT = 400;
const KEY = keys.workspace();

describe("updates of a row", () => {
  it("cost no more at the same time than one after the other: 400 renames", async () => {
    await using kit = await ChatKit.open();
    const ben = await kit.person("Ben");
    kit.db.reset();
    const { users } = kit.services;
    await Promise.all(
      Array.from({ length: RENAME_COUNT }, (_, index) => users.rename(ben.userId, `Ben ${index}`)),
    );
    expect(kit.db.commits).toBe(RENAME_COUNT);
    expect(kit.db.reads).toBeLessThanOrEqual(2 * RENAME_COUNT);
    expect((await users.find(ben.userId))?.name).toBe(`Ben ${RENAME_COUNT - 1}`);
  });

  it("of all kinds to a person run one after the other", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana", "owner"), await kit.person("Ben")];
    const { resets, rooms, tokens, users, workspace, sessions } = kit.services;
    const roomId = await kit.room(ben);
    const { row, sets } = sessions.prepare({ userId: ben.userId, role: "member", userAgent: "" });
    await kit.services.db.commit({
      sets: [...sets, [KEY, { name: "Parley", membersMayInvite: false }]],
    });
    await rooms.readStates.load(ben.userId, roomId);
    kit.db.reset();
    const work: Promise<unknown>[] = [];
    for (let index = 0; index < 20; index++) {
      work.push(
        users.rename(ben.userId, `Ben ${index}`),
        users.setRole(ben.userId, "member", ana.userId),
        resets.issue(ben.userId, ana.userId),
        tokens.create(ana.userId, { label: `Token ${index}`, botName: null }),
        sessions.rotate(ben.userId, row.id),
        workspace.update({ name: `Place ${index}` }, ana.userId),
        rooms.readStates.setLevel({
          userId: ben.userId,
          roomId,
          level: index % 2 === 0 ? "none" : "all",
        }),
      );
    }
    await Promise.all(work);
    // One commit each, because no check failed.
    expect(kit.db.commits).toBe(7 * 20);
  });

  it("are tried five times against other instances, and then fail as retryable", async () => {
    let count = 0;
    const error = await new RowUpdates().run(KEY, () => {
      count++;
      return Promise.resolve(null);
    }).catch((caught) => caught);
    expect(count).toBe(5);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ appCode: "storage_unavailable", retryAfterMs: 500 });
  });

  it("that still wait when their caller disconnects do not begin", async () => {
    const updates = new RowUpdates();
    const caller = new AbortController();
    const gate = Promise.withResolvers<void>();
    const begun: string[] = [];
    const run = (name: string, signal?: AbortSignal) =>
      updates.run(KEY, async () => {
        begun.push(name);
        await gate.promise;
        return name;
      }, signal);
    const outcomes = Promise.allSettled([
      run("first", caller.signal),
      run("second", caller.signal),
      run("third"),
      updates.run(["other"], () => Promise.resolve("elsewhere"), caller.signal),
    ]);
    await waitFor(() => begun.length === 1);
    caller.abort();
    gate.resolve();
    expect((await outcomes).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(begun).toEqual(["first", "third"]);
  });

  it("that wait end when their socket closes", async () => {
    await using kit = await ChatKit.open();
    const ben = await kit.person("Ben");
    const users = new UserStore({
      db: kit.db,
      feed: kit.services.feed,
      updates: new RowUpdates(),
      now: Date.now,
    });
    const caller = new AbortController();
    kit.db.reset();
    const renames = Array.from(
      { length: RENAME_COUNT },
      (_, index) => users.rename(ben.userId, `Ben ${index}`, caller.signal),
    );
    const outcomes = Promise.allSettled(renames);
    await renames[0];
    caller.abort();
    await outcomes;
    expect(kit.db.commits).toBeLessThan(5);
  });
});
