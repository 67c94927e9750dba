import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { backUp, restore } from "../../../server/kv/backup.ts";
import { compact } from "../../../server/kv/compact.ts";
import { keys } from "../../../server/kv/keys.ts";
import { DATABASE_FILE, DatabaseError, openDatabase } from "../../../server/kv/open_database.ts";
import type { RoomId } from "../../../shared/ids.ts";
import type { Message } from "../../../shared/message.ts";
import { hasDenokv, startDenokv } from "../../support/denokv.ts";
import { countInFiles } from "../../support/raw_bytes.ts";
import { temporaryFolder } from "../../support/temporary_folder.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

const isPossible = await hasDenokv();
const KEPT = "the quay is open";
const DELETED = "pelican seventeen at dawn";
const OVERWRITTEN = "the old lighthouse keeper";
const FILLER = "a line as people write it, ";

/** Writes many messages, among them a deleted and an edited one, so that pages split and are freed. */
async function write(app: TestApp): Promise<RoomId> {
  const { api, id: userId } = app.owner;
  const roomId = (await api.rooms.list.query())[0]?.id as RoomId;
  const { messages } = app.services;
  // Bypasses the limits of a person, as if many people wrote.
  const actor = { userId, role: "owner", isBot: false } as const;
  const send = (text: string) =>
    messages.send(actor, { roomId, clientMessageId: crypto.randomUUID(), text, replyTo: null });
  await send(KEPT);
  const gone: Message[] = [];
  const changed: Message[] = [];
  for (let round = 0; round < 20; round++) {
    gone.push(await send(`${DELETED} ${round}`));
    changed.push(await send(`${OVERWRITTEN} ${round}`));
    for (let count = 0; count < 20; count++) await send(FILLER.repeat(1 + count * 3));
  }
  for (const { offset } of gone) await messages.delete(actor, { roomId, offset });
  for (const { offset } of changed) await messages.edit(actor, { roomId, offset }, "short");
  return roomId;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => null, (reason) => reason);
  expect(error).toBeInstanceOf(DatabaseError);
  return error.message;
}

const withSides = (file: string) => [file, `${file}-wal`, `${file}-shm`];

describe("backup", () => {
  it("BACK5 T05 has no byte of what was deleted or edited before", async () => {
    await using app = await testApp({ file: true });
    const { dataDir } = app.services.config;
    const [file, copy] = [`${dataDir}/${DATABASE_FILE}`, `${dataDir}/copy`];
    const roomId = await write(app);
    await backUp(file, copy);
    // The live file still has them: SQLite leaves them there until it reuses the space.
    for (const text of [DELETED, OVERWRITTEN]) {
      expect(await countInFiles(withSides(file), text)).toBeGreaterThan(0);
      expect([text, await countInFiles(withSides(copy), text)]).toEqual([text, 0]);
    }
    expect(await countInFiles([copy], KEPT)).toBe(1);
    await restore(copy, `${dataDir}/again/${DATABASE_FILE}`);
    const again = await openDatabase(`${dataDir}/again`);
    const rows = await again.db.list<{ text: string }>(keys.messages(roomId), { limit: 1_000 });
    expect(rows).toHaveLength(1 + 20 * 22);
    expect(rows.filter(({ value }) => value.text === "short")).toHaveLength(20);
    await again.close();
  }, 30_000);

  it.skipIf(!isPossible)("BACK6 T05 is the same for the file of a running denokv server", async () => {
    await using kv = await startDenokv();
    await using app = await testApp({ config: { kvUrl: kv.url } });
    await write(app);
    const copy = `${kv.file}.copy`;
    await backUp(kv.file, copy);
    try {
      for (const text of [DELETED, OVERWRITTEN]) expect(await countInFiles([copy], text)).toBe(0);
      expect(await countInFiles([copy], KEPT)).toBe(1);
      expect(await refusal(compact(kv.file))).toMatch(/is in use: stop the program/);
    } finally {
      await Deno.remove(copy);
    }
  }, 30_000);
});

describe("compact", () => {
  it("COMP1 removes deleted and overwritten text from the file, and nothing else", async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/${DATABASE_FILE}`;
    let roomId = "" as RoomId;
    {
      await using app = await testApp({ config: { dataDir: folder.path } });
      roomId = await write(app);
      expect(await refusal(compact(file))).toMatch(/Another Parley process uses/);
    }
    expect(await countInFiles(withSides(file), OVERWRITTEN)).toBeGreaterThan(0);
    const before = await readAll(folder.path);
    const { rowCount, sizeBytes, beforeBytes } = await compact(file);
    expect(rowCount).toBe(before.size);
    expect(sizeBytes).toBeLessThan(beforeBytes);
    const names = await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name);
    expect(names.toSorted()).toEqual(["parley.lock", DATABASE_FILE]);
    for (const text of [DELETED, OVERWRITTEN]) {
      expect([text, await countInFiles(withSides(file), text)]).toEqual([text, 0]);
    }
    expect(await countInFiles([file], KEPT)).toBe(1);
    // The same rows with the same versions: the epoch stays, and no client has to start over.
    expect(await readAll(folder.path)).toEqual(before);
    const { db, close } = await openDatabase(folder.path);
    expect(await db.list(keys.messages(roomId), { limit: 1_000 })).toHaveLength(1 + 20 * 22);
    await close();
  }, 30_000);

  it("COMP3 refuses writers in the meantime, and loses no write that succeeded", async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/${DATABASE_FILE}`;
    await (await openDatabase(folder.path)).close();
    const attempts: string[] = [];
    const write = (index: number): string => {
      try {
        using sqlite = new DatabaseSync(file);
        sqlite.exec("pragma busy_timeout = 0");
        sqlite.prepare("insert into kv (k, v, v_encoding, version) values (?, ?, 1, 1)")
          .run(Uint8Array.of(2, 1, 0, index >> 8, index & 255), Uint8Array.of(1));
        return "written";
      } catch (error) {
        return String(error);
      }
    };
    // A process that opened the file before it was replaced still has the old one.
    using early = new DatabaseSync(file);
    let isDone = false;
    const work = compact(file).finally(() => isDone = true);
    while (!isDone) {
      if (attempts.length < 60_000) attempts.push(write(attempts.length));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const result = await Promise.allSettled([work]);
    expect(result[0]?.status).toBe("fulfilled");
    expect(attempts.filter((outcome) => outcome.includes("locked")).length).toBeGreaterThan(0);
    expect(() => early.exec("pragma busy_timeout = 0; create table late (a)")).toThrow(/not a database/);
    using after = new DatabaseSync(file, { readOnly: true });
    const written = attempts.flatMap((outcome, index) => outcome === "written" ? [index] : []);
    const kept = after.prepare("select count(*) as count from kv where v = x'01'").get();
    expect(kept?.count).toBe(written.length);
  }, 20_000);

  it("COMP2 as a task prints what it did, and refuses other files", async () => {
    await using folder = await temporaryFolder();
    await (await openDatabase(folder.path)).close();
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "--quiet", "compact", ...args],
        env: { DATA_DIR: folder.path, NO_COLOR: "1" },
      }).output();
      return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
    };
    const done = await run();
    expect(done).toMatchObject({ code: 0, err: "" });
    expect(done.out).toMatch(/^Compacted .*parley\.sqlite: \d+ rows, [\d.]+ MB instead of [\d.]+ MB\n$/);
    expect(await run("a")).toMatchObject({ code: 2 });
    await Deno.writeTextFile(`${folder.path}/other`, "mine");
    const refused = await run("--file", `${folder.path}/other`);
    expect([refused.code, refused.err.includes("\n    at ")]).toEqual([1, false]);
    expect(await Deno.readTextFile(`${folder.path}/other`)).toBe("mine");
  }, 20_000);
});

/** Every row with its version. */
async function readAll(folder: string): Promise<Map<string, unknown>> {
  const kv = await Deno.openKv(`${folder}/${DATABASE_FILE}`);
  const rows = new Map<string, unknown>();
  for await (const { key, value, versionstamp } of kv.list({ prefix: [] })) {
    rows.set(JSON.stringify(key), [value, versionstamp]);
  }
  kv.close();
  return rows;
}
