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
  it.each([
    ["by default", {}],
    [
      "beside a relay",
      { TURN_URLS: "turn:192.0.2.1:3478?transport=udp", TURN_SECRET: "sixteen-characters-or-more" },
    ],
  ])("T21 T44 let it reach its own port and files, and nothing else: %s", async (_name, env) => {
    await using folder = await temporaryFolder();
    const dataDir = `${folder.path}/data`;
    await Deno.mkdir(dataDir);
    await Deno.writeTextFile(`${folder.path}/other.txt`, "");
    const { outcomes, needs } = await runInPlaceOfServer("tests/security/attempts.ts", {
      PORT: String(freePort()),
      HOST: "127.0.0.1",
      DATA_DIR: dataDir,
      ...env,
    });
    expect(Object.keys(outcomes).length).toBeGreaterThanOrEqual(25);
    const expected = Object.fromEntries(
      Object.keys(outcomes).map((what) => [what, needs.includes(what) ? "done" : "refused"]),
    );
    expect(outcomes).toEqual(expected);
  }, 60_000);
});

/** The flags that the task gives the server. */
async function flagsFor(env: Record<string, string>): Promise<string[]> {
  const [, command = ""] = /\$\((.*?)\)/.exec(tasks["serve"] ?? "") ?? [];
  const { stdout } = await new Deno.Command("sh", { args: ["-c", command], cwd: ROOT, env }).output();
  return new TextDecoder().decode(stdout).trim().split(" ");
}

describe("permissions to reach others", () => {
  it("are for what is configured, with a port for answers by UDP", async () => {
    const urls = { PEER_URLS: "http://10.0.0.2:8000", STATUS_MIRROR_URL: "https://status.example.net/" };
    const turn = { TURN_SECRET: "sixteen-characters-or-more" };
    const byTcp = "turn:turn.example.org:80?transport=tcp,turns:[2001:db8::1]";
    const [net] = await flagsFor({ ...urls, ...turn, TURN_URLS: byTcp });
    expect(net).toBe("--allow-net=127.0.0.1:8000,10.0.0.2:8000,turn.example.org:80,[2001:db8::1]:5349");
    // Browsers ask STUN servers themselves; LiveKit is told who has left a call.
    const calls = {
      STUN_URLS: "stun:stun.example.org",
      STUN_PORT: "3478",
      LIVEKIT_URL: "wss://livekit.example.org",
      LIVEKIT_KEY: "parley",
      LIVEKIT_SECRET: "thirty-two-characters-or-more-of-it",
    };
    expect((await flagsFor(calls))[0]).toBe("--allow-net=127.0.0.1:8000,livekit.example.org:443");
    const [withUdp] = await flagsFor({ ...turn, TURN_URLS: `${byTcp},turn:192.0.2.1` });
    expect(withUdp).toBe(
      "--allow-net=127.0.0.1:8000,turn.example.org:80,[2001:db8::1]:5349,192.0.2.1:3478,0.0.0.0:0,[::]:0",
    );
  });
});

describe("permissions to reach push services", () => {
  const PUBLIC_URL = "https://chat.example.org";
  const own = "--allow-net=127.0.0.1:8000,chat.example.org:443";

  it("are for those of the browser makers, on 443", async () => {
    const [net] = await flagsFor({ PUBLIC_URL });
    const hosts = ["fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"];
    expect(net).toBe([own, ...hosts.map((host) => `${host}:443`), "*.notify.windows.com:443"].join(","));
  });

  it("are for PUSH_HOSTS, and for none where push is off", async () => {
    expect((await flagsFor({ PUBLIC_URL, PUSH_HOSTS: "push.example.org" }))[0]).toBe(
      `${own},push.example.org:443`,
    );
    expect((await flagsFor({ PUBLIC_URL, PUSH_HOSTS: "none" }))[0]).toBe(own);
    expect((await flagsFor({ PUSH_HOSTS: "push.example.org" }))[0]).toBe("--allow-net=127.0.0.1:8000");
  });
});

describe("tasks for production", () => {
  it.each(["serve", "start", "stun", "build", "backup", "restore"])(
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
    const units = ["parley@.service", "parley-stun.service"].map((name) => `server/deploy/${name}`);
    const files = ["Dockerfile", ...units, "server/deploy/compose.yaml"];
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
    expect(await Deno.readTextFile(`${ROOT}/server/deploy/parley-stun.service`)).toMatch(
      /^ExecStart=.* task --quiet stun$/m,
    );
  });
});
