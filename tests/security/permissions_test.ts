import { describe, expect, it } from "vitest";
import { freePort } from "../support/free_port.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const SERVER = "server/main.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`)) as {
  tasks: Record<string, string>;
};

/** Runs the production task with another program in place of the server. */
async function runInPlaceOfServer(
  script: string,
  env: Record<string, string>,
): Promise<{ outcomes: Record<string, string>; needs: string[] }> {
  const task = tasks["serve"] ?? "";
  expect(task.endsWith(` ${SERVER}`)).toBe(true);
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", task.slice(0, -SERVER.length) + script],
    cwd: ROOT,
    env,
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!text.startsWith("{")) throw new Error(`${text}\n${new TextDecoder().decode(stderr)}`);
  return JSON.parse(text);
}

describe("permissions of the server", () => {
  it("T21 T44 let it reach its own port and files, and nothing else", async () => {
    await using folder = await temporaryFolder();
    const dataDir = `${folder.path}/data`;
    await Deno.mkdir(dataDir);
    await Deno.writeTextFile(`${folder.path}/other.txt`, "");
    const { outcomes, needs } = await runInPlaceOfServer("tests/security/attempts.ts", {
      PORT: String(freePort()),
      HOST: "127.0.0.1",
      DATA_DIR: dataDir,
    });
    expect(Object.keys(outcomes).length).toBeGreaterThanOrEqual(25);
    const expected = Object.fromEntries(
      Object.keys(outcomes).map((what) => [what, needs.includes(what) ? "done" : "refused"]),
    );
    expect(outcomes).toEqual(expected);
  }, 60_000);
});

describe("tasks for production", () => {
  it.each(["serve", "start", "build", "backup", "restore"])(
    "T44 `%s` grants only listed permissions, prompts for none and uses the locked packages",
    (name) => {
      const commands = (tasks[name] ?? "").split("&&").filter((command) =>
        /deno (?:run|cache)/.test(command)
      );
      expect(commands).not.toEqual([]);
      for (const command of commands) {
        expect(command).not.toMatch(/ (?:-A|--allow-all|--allow-run|--allow-ffi|--allow-import|--no-lock)\b/);
        for (const [run] of command.matchAll(/deno run .*?\.ts/g)) {
          expect(run).toContain("--no-prompt");
          expect(run).toContain("--frozen");
        }
        expect(command).toContain("--frozen");
      }
    },
  );

  it("T44 the server's is used by the units and the image, with no further permissions", async () => {
    const files = ["Dockerfile", "server/deploy/parley@.service", "server/deploy/compose.yaml"];
    for (const file of files) {
      const text = await Deno.readTextFile(`${ROOT}/${file}`);
      expect(text, file).not.toMatch(/(?: -A|--allow-all|privileged: true)\b/);
    }
    expect(await Deno.readTextFile(`${ROOT}/Dockerfile`)).toContain(
      `CMD ["deno", "task", "--quiet", "serve"]`,
    );
    expect(await Deno.readTextFile(`${ROOT}/server/deploy/parley@.service`)).toMatch(
      /^ExecStart=.* task --quiet serve$/m,
    );
  });
});
