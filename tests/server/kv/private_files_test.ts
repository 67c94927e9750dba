import { describe, expect, it } from "vitest";
import { backUp, restore } from "../../../server/kv/backup.ts";
import { compact } from "../../../server/kv/compact.ts";
import { DATABASE_FILE, openDatabase } from "../../../server/kv/open_database.ts";
import { chmodCommand } from "../../../server/kv/private_files.ts";
import { temporaryFolder } from "../../support/temporary_folder.ts";
import { testApp } from "../../support/test_app.ts";

const isUnix = Deno.build.os !== "windows";

/** Names in a folder, with the permissions of owner, group and others. */
async function modesIn(folder: string): Promise<Record<string, string>> {
  const modes: Record<string, string> = { ".": await modeOf(folder) };
  for await (const { name } of Deno.readDir(folder)) modes[name] = await modeOf(`${folder}/${name}`);
  return modes;
}

async function modeOf(path: string): Promise<string> {
  return ((await Deno.stat(path)).mode ?? 0).toString(8).slice(-3);
}

describe.skipIf(!isUnix)("files", () => {
  it("are accessible to their owner only: database, side files, lock, backups and restored files", async () => {
    await using folder = await temporaryFolder();
    const dataDir = `${folder.path}/data`;
    const file = `${dataDir}/${DATABASE_FILE}`;
    {
      await using app = await testApp({ config: { dataDir } });
      await backUp(file, `${dataDir}/copy`);
      expect(await modesIn(dataDir)).toEqual({
        ".": "700",
        "copy": "600",
        "parley.lock": "600",
        [DATABASE_FILE]: "600",
        [`${DATABASE_FILE}-shm`]: "600",
        [`${DATABASE_FILE}-wal`]: "600",
      });
      expect(app.logs.filter((line) => line.includes("chmod"))).toEqual([]);
    }
    // As an earlier version, or somebody's `cp`, left them.
    await Deno.chmod(`${dataDir}/copy`, 0o644);
    await Deno.chmod(file, 0o644);
    await restore(`${dataDir}/copy`, file);
    await restore(`${dataDir}/copy`, `${folder.path}/other/${DATABASE_FILE}`);
    await compact(file);
    const modes = await modesIn(dataDir);
    expect(Object.entries(modes).filter(([name, mode]) => name !== "copy" && !/^[67]00$/.test(mode))).toEqual(
      [],
    );
    expect(await modesIn(`${folder.path}/other`)).toEqual({
      ".": "700",
      "parley.lock": "600",
      [DATABASE_FILE]: "600",
    });
  });

  it("of an earlier version are restricted at the next start, and an open folder is logged", async () => {
    await using folder = await temporaryFolder();
    const dataDir = folder.path;
    await (await openDatabase(dataDir)).close();
    for (const name of [DATABASE_FILE, "parley.lock"]) await Deno.chmod(`${dataDir}/${name}`, 0o644);
    await Deno.chmod(dataDir, 0o755);
    await using app = await testApp({ config: { dataDir } });
    const modes = await modesIn(dataDir);
    expect(modes).toMatchObject({ ".": "755", [DATABASE_FILE]: "600", "parley.lock": "600" });
    const warnings = app.logs.filter((line) => line.includes("chmod"));
    expect(warnings).toHaveLength(1);
    // A line that can be pasted into a shell.
    expect(warnings[0]).toContain(`fix="chmod go-rwx ${dataDir}"`);
    expect(chmodCommand("/srv/Ana's chat")).toBe(String.raw`chmod go-rwx '/srv/Ana'\''s chat'`);
  });
});
