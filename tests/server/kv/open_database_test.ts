import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { DATABASE_FILE, IN_MEMORY, openDatabase } from "../../../server/kv/open_database.ts";
import { ROOT_ONLY, withSmallDisk } from "../../support/small_disk.ts";

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "parley-test-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refusal(folder: string): Promise<string> {
  try {
    await (await openDatabase(folder)).close();
    return "";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

describe("openDatabase()", () => {
  it("creates the folder, and an epoch that survives restarts", () =>
    withFolder(async (folder) => {
      const first = await openDatabase(`${folder}/deep/data`);
      await first.close();
      const second = await openDatabase(`${folder}/deep/data`);
      expect(second.epoch).toBe(first.epoch);
      expect(first.epoch).toMatch(/^[A-Za-z0-9_-]{22}$/);
      await second.close();
      const other = await openDatabase(IN_MEMORY);
      expect(other.epoch).not.toBe(first.epoch);
      await other.close();
    }));

  it("refuses a second process on the same folder until the first has ended", () =>
    withFolder(async (folder) => {
      const first = await openDatabase(folder);
      expect(await refusal(folder)).toBe(
        `DatabaseError: Another Parley process uses ${folder}: stop it, or set DATA_DIR to another folder`,
      );
      await first.close();
      expect(await refusal(folder)).toBe("");
    }));

  it("refuses a folder that cannot be created", () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/file`, "");
      expect(await refusal(`${folder}/file/data`)).toMatch(
        /^DatabaseError: Cannot make the folder .*\. Set DATA_DIR/,
      );
    }));

  const foreign: Record<string, [(file: string) => Promise<void> | void, RegExp]> = {
    "a file that is no database": [
      (file) => Deno.writeTextFile(file, "Dear diary, ".repeat(100)),
      /is not a database/,
    ],
    "a short file": [(file) => Deno.writeTextFile(file, "hi"), /is not a database/],
    "a damaged head": [
      (file) => Deno.writeTextFile(file, `SQLite format 3\0${"x".repeat(5_000)}`),
      /is not a database/,
    ],
    "a database of another program": [(file) => {
      using sqlite = new DatabaseSync(file);
      sqlite.exec("create table notes (text)");
    }, /is a database of another program/],
    "the KV file of another program": [async (file) => {
      const kv = await Deno.openKv(file);
      await kv.set(["theirs"], 1);
      kv.close();
    }, /contains data of another program/],
    "a folder in its place": [(file) => Deno.mkdir(file), /^DatabaseError: /],
  };
  for (const [name, [prepare, line]] of Object.entries(foreign)) {
    it(`refuses ${name} and leaves it as it is`, () =>
      withFolder(async (folder) => {
        const file = `${folder}/${DATABASE_FILE}`;
        await prepare(file);
        const { isFile } = await Deno.stat(file);
        const before = isFile ? await Deno.readFile(file) : null;
        const message = await refusal(folder);
        expect(message).toMatch(line);
        expect(message).not.toContain("\n");
        if (before !== null) expect(await Deno.readFile(file)).toEqual(before);
      }));
  }

  it.skipIf(!ROOT_ONLY.isPossible)("F6 refuses a full disk and a read-only one", async () => {
    // 64 KiB leave no page for SQLite's side files, which it reports in another way.
    for (const ballastKiB of [32, 60, 64]) {
      await withSmallDisk({ size: "96k" }, async (folder) => {
        await Deno.writeFile(`${folder}/ballast`, new Uint8Array(ballastKiB * 1024));
        expect(await refusal(folder)).toMatch(/^DatabaseError: No space left for .*: free some space$/);
      });
    }
    await withSmallDisk({ size: "1m", isReadOnly: true }, async (folder) => {
      expect(await refusal(folder)).toMatch(
        /^DatabaseError: Cannot write to the folder .*Read-only file system/,
      );
    });
  });
});
