import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import type { UserId } from "../../../shared/ids.ts";
import { keys } from "../../../server/kv/keys.ts";
import { KvDatabase } from "../../../server/kv/kv_database.ts";
import { AccountKit, failureCode } from "../../support/account_kit.ts";
import { RecordingDatabase, roomIds, sendTo } from "../../support/many_streams.ts";
import { ANA, BEN, logOn, openTestDatabase } from "../../support/stream_kit.ts";
import { temporaryFolder } from "../../support/temporary_folder.ts";

describe("many streams at once", () => {
  it("go in far fewer commits than streams, each in its own order", async () => {
    await using inner = await openTestDatabase("file");
    const db = new RecordingDatabase(inner);
    const { eventLog } = logOn(db);
    const rooms = roomIds(64);
    await Promise.all(
      rooms.flatMap((roomId) => ["a", "b"].map((id) => eventLog.append(roomId, sendTo(roomId, ANA, id)))),
    );
    expect(db.commits.length).toBeLessThanOrEqual(8);
    for (const roomId of rooms) {
      const { rows, head } = await eventLog.read(roomId, 0, 10);
      expect(rows.map(({ offset }) => offset)).toEqual([1, 2]);
      expect(head).toMatchObject({ offset: 2, messageCount: 2 });
      expect((await db.get(keys.message(roomId, 1))).value).toMatchObject({ text: "a" });
    }
  });

  it("are not held up by a conflict in one of them", async () => {
    await using inner = await openTestDatabase("file");
    const db = new RecordingDatabase(inner);
    const { eventLog } = logOn(db);
    const rooms = roomIds(20);
    const [contended = rooms[0]] = rooms;
    if (contended === undefined) throw new Error("There are no rooms");
    await Promise.all(rooms.map((roomId) => eventLog.append(roomId, sendTo(roomId, ANA, "first"))));
    // Behind the back of the log, as another writer would.
    await logOn(inner).eventLog.append(contended, sendTo(contended, BEN, "between"));
    db.commits.length = 0;
    const appended = await Promise.all(
      rooms.map((roomId) => eventLog.append(roomId, sendTo(roomId, ANA, "second"))),
    );
    expect(appended.map((one) => one.isDuplicate ? 0 : one.event.offset)).toEqual(
      rooms.map((roomId) => roomId === contended ? 3 : 2),
    );
    // Together, without the loser, and the loser alone.
    expect(db.commits.map(({ isHeld }) => isHeld)).toEqual([false, true, true]);
  });

  it("are not held up by a request that fails or was sent before", async () => {
    await using inner = await openTestDatabase("file");
    const { eventLog } = logOn(inner);
    const rooms = roomIds(12);
    const [refused, repeated] = rooms as [typeof rooms[number], typeof rooms[number]];
    await eventLog.append(repeated, sendTo(repeated, ANA, "m"));
    const results = await Promise.allSettled(rooms.map((roomId) =>
      eventLog.append(
        roomId,
        roomId === refused
          ? { by: ANA, build: () => Promise.reject(new AppError("not_allowed", "You may not do this")) }
          : sendTo(roomId, ANA, "m"),
      )
    ));
    expect(results.map(({ status }) => status)).toEqual(
      rooms.map((roomId) => roomId === refused ? "rejected" : "fulfilled"),
    );
    expect((await eventLog.head(repeated)).offset).toBe(1);
    expect((await eventLog.head(refused)).offset).toBe(0);
  });

  it("who is deactivated while the commit is put together is refused alone", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const [adam, ben] = [await kit.member(owner, "Adam"), await kit.member(owner, "Ben")];
    const [dock, pier] = [await kit.room(owner, "Dock"), await kit.room(owner, "Pier")];
    await owner.api.rooms.addMember({ roomId: dock, userId: adam.me.id });
    await owner.api.rooms.addMember({ roomId: pier, userId: ben.me.id });
    const send = ({ me: { id: userId, role } }: typeof adam, roomId: typeof dock, clientMessageId: string) =>
      kit.services.messages.send(
        { userId, role, isBot: false },
        { roomId, clientMessageId, text: "Hello", replyTo: null },
      );
    await Promise.all([send(adam, dock, "a1"), send(ben, pier, "b1")]);
    kit.db.beforeCommit(keys.events(dock), () => owner.api.users.deactivate({ userId: adam.me.id }));
    const [refused, sent] = await Promise.all([
      failureCode(send(adam, dock, "a2")),
      failureCode(send(ben, pier, "b2")),
    ]);
    expect(kit.db.heldCount).toBe(1);
    expect([refused, sent]).toEqual(["unauthenticated", undefined]);
  });

  it("do not wait for each other's reads when many send for the first time", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const roomId = await kit.room(owner, "Dock");
    const people: UserId[] = [];
    for (let index = 0; index < 12; index++) {
      const { me } = await kit.member(owner, `Person ${index}`);
      people.push(me.id);
      await owner.api.rooms.addMember({ roomId, userId: me.id });
    }
    let [readCount, maxReadCount] = [0, 0];
    const getMany = kit.db.getMany.bind(kit.db);
    kit.db.getMany = async (many) => {
      maxReadCount = Math.max(maxReadCount, ++readCount);
      return await getMany(many).finally(() => readCount--) as never;
    };
    const sent = await Promise.all(people.map((userId) =>
      kit.services.messages.send(
        { userId, role: "member", isBot: false },
        { roomId, clientMessageId: "m", text: "Hello", replyTo: null },
      )
    ));
    expect(new Set(sent.map(({ offset }) => offset)).size).toBe(people.length);
    // What each is judged by is read while all of them wait, not while the commit is put together.
    expect(maxReadCount).toBeGreaterThanOrEqual(people.length);
  });

  it("hold nothing by halves after kill -9", async () => {
    await using folder = await temporaryFolder();
    const rooms = roomIds(30);
    const script = new URL("../../support/append_process.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--unstable-kv", script, folder.path, String(rooms.length)],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = child.stdout.getReader();
    await output.read();
    child.kill("SIGKILL");
    await child.status;
    await output.cancel();
    const db = new KvDatabase(await Deno.openKv(`${folder.path}/parley.sqlite`));
    try {
      const { eventLog } = logOn(db);
      for (const roomId of rooms) {
        const { offset, messageCount } = await eventLog.head(roomId);
        const [events, messages] = await Promise.all(
          [keys.events(roomId), keys.messages(roomId)].map((prefix) => db.list(prefix, { limit: 100_000 })),
        );
        const expected = Array.from({ length: offset }, (_, index) => index + 1);
        expect(events?.map(({ key }) => key.at(-1))).toEqual(expected);
        expect(messages?.map(({ key }) => key.at(-1))).toEqual(expected);
        expect(messageCount).toBe(offset);
        // What was sent last is there once, whether it was acknowledged or not.
        const again = await eventLog.append(roomId, sendTo(roomId, ANA, `m${offset - 1}`));
        expect(again).toEqual({ isDuplicate: true, offset });
      }
    } finally {
      await db.close();
    }
  });
});
