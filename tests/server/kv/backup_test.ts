import { describe, expect, it } from "vitest";
import { backUp, restore } from "../../../server/kv/backup.ts";
import { compact } from "../../../server/kv/compact.ts";
import { keys } from "../../../server/kv/keys.ts";
import { DATABASE_FILE, DatabaseError, openDatabase } from "../../../server/kv/open_database.ts";
import { PushClaimStore } from "../../../server/push/push_claim_store.ts";
import { VapidStore } from "../../../server/push/vapid_store.ts";
import type { RoomId, SessionId, UserId } from "../../../shared/ids.ts";
import { hasDenokv, startDenokv } from "../../support/denokv.ts";
import { testApp } from "../../support/test_app.ts";

const isPossible = await hasDenokv();

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "parley-backup-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => null, (reason) => reason);
  expect(error).toBeInstanceOf(DatabaseError);
  return error.message;
}

describe("backup", () => {
  it("BACK1 of a file in use has everything that was acknowledged, and a restored one has a new epoch", () =>
    withFolder(async (folder) => {
      const dataDir = `${folder}/data`;
      const copy = `${folder}/copy.sqlite`;
      let roomId = "" as RoomId;
      {
        await using app = await testApp({ config: { dataDir } });
        roomId = (await app.owner.api.rooms.list.query())[0]?.id as RoomId;
        const send = (id: string) =>
          app.owner.api.messages.send.mutate({ roomId, clientMessageId: id, text: id });
        for (const id of ["one", "two"]) await send(id);
        // Sends continue during the copy; each one is in it completely or not at all.
        const [copied] = await Promise.all([backUp(`${dataDir}/${DATABASE_FILE}`, copy), send("beside")]);
        expect(copied.rowCount).toBeGreaterThan(10);
        await send("after");
        expect(await refusal(restore(copy, `${dataDir}/${DATABASE_FILE}`))).toMatch(/Another Parley process/);
      }
      const before = await readEpoch(dataDir);
      const { kept } = await restore(copy, `${dataDir}/${DATABASE_FILE}`);
      expect(await readEpoch(dataDir)).not.toBe(before);
      const { db, close } = await openDatabase(dataDir);
      const messages = await db.list<{ text: string }>(keys.messages(roomId), { limit: 10 });
      const texts = messages.map(({ value }) => value.text).filter((text) => text !== "beside");
      expect(texts).toEqual(["one", "two"]);
      const head = await db.get<{ messageCount: number }>(keys.streamHead(roomId));
      expect(head.value?.messageCount).toBe(messages.length);
      await close();
      // The replaced database can be restored.
      await restore(kept ?? "", `${folder}/again/${DATABASE_FILE}`);
      const again = await openDatabase(`${folder}/again`);
      expect((await again.db.list(keys.messages(roomId), { limit: 10 })).length).toBe(4);
      await again.close();
    }));

  it("BACK7 leaves out relayed signals of calls, which hold addresses, but nothing else", () =>
    withFolder(async (folder) => {
      const copy = `${folder}/copy.sqlite`;
      const { db, epoch, close } = await openDatabase(folder);
      const row = (text: string) => ({ from: "a", notices: [{ type: "call_signal", text }] });
      await db.commit({
        sets: [[keys.bell("relay"), epoch]],
        stamped: [
          [keys.feedShard(epoch, "relay"), row("candidate 192.0.2.7")],
          [keys.feedShard(epoch, "notices"), row("a notice")],
        ],
      });
      const before = (await db.list(keys.feeds(), { limit: 10 })).length;
      await backUp(`${folder}/${DATABASE_FILE}`, copy);
      await close();
      const bytes = new TextDecoder("latin1").decode(await Deno.readFile(copy));
      expect(bytes).not.toContain("192.0.2.7");
      expect(bytes).toContain("a notice");
      expect(before).toBe(2);
    }));

  it("BACK8 keeps what push notifications need, and a restored one sends nothing that was left to send", () =>
    withFolder(async (folder) => {
      const [file, copy] = [`${folder}/${DATABASE_FILE}`, `${folder}/copy.sqlite`];
      const { db, close } = await openDatabase(folder);
      const vapid = await new VapidStore(db).load();
      const user = "u".repeat(16) as UserId;
      const pushKey = keys.pushOf(user, "s".repeat(16) as SessionId);
      const claims = new PushClaimStore({ db, now: Date.now, isShared: false });
      const task = { roomId: "r".repeat(16) as RoomId, offset: 1, phase: "now" } as const;
      await claims.plan(task, 0, { userIds: [user] });
      await db.commit({ sets: [[pushKey, { endpoint: "https://fcm.googleapis.com/fcm/send/1" }]] });
      await backUp(file, copy);
      await close();
      await compact(file);
      await restore(copy, `${folder}/again/${DATABASE_FILE}`);
      for (const [name, leftCount] of [[folder, 1], [`${folder}/again`, 0]] as const) {
        const opened = await openDatabase(name);
        expect(await new VapidStore(opened.db).load()).toEqual(vapid);
        expect((await opened.db.get(pushKey)).value).not.toBe(null);
        const left = await new PushClaimStore({ db: opened.db, now: Date.now, isShared: false }).left();
        expect(left.length).toBe(leftCount);
        await opened.close();
      }
    }));

  it("BACK2 refuses to lose anything, in one line", () =>
    withFolder(async (folder) => {
      const [file, copy] = [`${folder}/${DATABASE_FILE}`, `${folder}/copy`];
      expect(await refusal(backUp(file, copy))).toBe(`File ${file} does not exist`);
      await (await openDatabase(folder)).close();
      await Deno.writeTextFile(copy, "mine");
      expect(await refusal(backUp(file, copy))).toMatch(/already exists/);
      expect(await refusal(restore(copy, file))).toMatch(/is no database of Parley's/);
      expect(await refusal(backUp(file, `${folder}/missing/copy`))).toMatch(
        /^Cannot copy .*: No such file/,
      );
      expect(await Deno.readTextFile(copy)).toBe("mine");
      const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
      expect(names.filter((name) => name.includes("partial") || name.includes("before"))).toEqual([]);
    }));

  it.skipIf(!isPossible)(
    "BACK3 of a denokv server's file works while it serves, restoring does not",
    () =>
      withFolder(async (folder) => {
        await using kv = await startDenokv();
        const copy = `${folder}/copy.sqlite`;
        await using app = await testApp({ config: { kvUrl: kv.url } });
        const roomId = (await app.owner.api.rooms.list.query())[0]?.id as RoomId;
        await app.owner.api.messages.send.mutate({ roomId, clientMessageId: "one", text: "one" });
        await backUp(kv.file, copy);
        expect(await refusal(restore(copy, kv.file))).toMatch(/is in use: stop the program/);
        await app.owner.api.messages.send.mutate({ roomId, clientMessageId: "two", text: "two" });
        await Deno.mkdir(`${folder}/data`);
        await restore(copy, `${folder}/data/${DATABASE_FILE}`);
        const { db, close } = await openDatabase(`${folder}/data`);
        expect((await db.list(keys.messages(roomId), { limit: 10 })).length).toBe(1);
        expect(await db.list(keys.feeds(), { limit: 1 })).toEqual([]);
        await close();
      }),
  );

  it("BACK4 as a task prints what it did, and its usage", () =>
    withFolder(async (folder) => {
      await (await openDatabase(folder)).close();
      const run = async (...args: string[]) => {
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["task", "--quiet", ...args],
          env: { DATA_DIR: folder, NO_COLOR: "1" },
        }).output();
        return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
      };
      const made = await run("backup", `${folder}/copy`);
      expect(made.err).toBe("");
      expect(made.out).toMatch(/^Copied \d+ rows, [\d.]+ MB, of .*parley\.sqlite to .*copy\n$/);
      const restored = await run("restore", `${folder}/copy`);
      expect(restored.out).toMatch(/^Restored \d+ rows.*\nThe previous database is now .*before-/);
      for (const args of [["backup"], ["restore", "--what"], ["backup", "a", "b"]]) {
        const { code, err } = await run(...args);
        expect([code, err.includes("\n    at ")]).toEqual([2, false]);
      }
    }), 20_000);
});

async function readEpoch(dataDir: string): Promise<string> {
  const { epoch, close } = await openDatabase(dataDir);
  await close();
  return epoch;
}
