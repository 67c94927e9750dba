// Checks that the commands in the README work for a newcomer: clones the last commit, runs each command with empty
// caches, waits until the server answers, and ends it.
import { freePort } from "./free_port.ts";

const ROOT = `${import.meta.dirname}/../..`;
const DENO = "deno@2.9.6";
const START_LIMIT_MS = 240_000;
const STOP_LIMIT_MS = 20_000;
const TASKS = ["dev", "start"] as const;

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args: [...args], stdin: "null" }).spawn().status;
  if (!success) throw new Error(`"${[command, ...args].join(" ")}" failed`);
}

/** Requests a URL until the answer is as expected; otherwise describes what was wrong with the last one. */
async function problemOf(
  url: string,
  isRight: (response: Response, body: string) => boolean,
): Promise<string | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const body = await response.text();
    return isRight(response, body) ? null : `${url} answered ${response.status}: ${body.slice(0, 200)}`;
  } catch (error) {
    return `${url} did not answer: ${error}`;
  }
}

async function waitUntilServed(origin: string, hasEnded: () => boolean): Promise<void> {
  const endsAt = Date.now() + START_LIMIT_MS;
  while (true) {
    const problem = await problemOf(`${origin}/healthz`, (at) => at.status === 200) ??
      await problemOf(`${origin}/`, (at, body) => at.status === 200 && /<script[^>]+src=/.test(body));
    if (problem === null) break;
    if (hasEnded()) throw new Error(`The command ended before it served: ${problem}`);
    if (Date.now() > endsAt) throw new Error(problem);
    await delay(250);
  }
  // The page is useless without its script.
  const page = await (await fetch(`${origin}/`)).text();
  const [, script = ""] = /<script[^>]+src="([^"]+)"/.exec(page) ?? [];
  const problem = await problemOf(
    new URL(script, origin).href,
    (at, body) => at.status === 200 && body.length > 10_000,
  );
  if (problem !== null) throw new Error(problem);
}

async function signalGroup(signal: "TERM" | "KILL", leaderPid: number): Promise<void> {
  await new Deno.Command("kill", { args: [`-${signal}`, "--", `-${leaderPid}`], stderr: "null" }).output();
}

async function tryTask(task: string, folder: string): Promise<number> {
  const port = freePort();
  const startedAt = Date.now();
  const child = new Deno.Command("npx", {
    args: ["-y", DENO, "task", task],
    cwd: `${folder}/clone`,
    // In its own process group, because npx, the task and the server are three processes to end.
    detached: true,
    env: {
      PORT: String(port),
      DATA_DIR: `${folder}/data-${task}`,
      DENO_DIR: `${folder}/deno-${task}`,
      // A newcomer's caches are empty.
      npm_config_cache: `${folder}/npm-${task}`,
    },
    stdin: "null",
  }).spawn();
  let hasEnded = false;
  const ended = child.status.then(() => {
    hasEnded = true;
  });
  try {
    await waitUntilServed(`http://127.0.0.1:${port}`, () => hasEnded);
    return Date.now() - startedAt;
  } finally {
    await signalGroup("TERM", child.pid);
    const timer = setTimeout(() => void signalGroup("KILL", child.pid), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
    // npx exits first, and the watcher of `dev` outlives its server: without this it would run forever.
    await signalGroup("KILL", child.pid);
  }
}

const folder = await Deno.makeTempDir({ prefix: "parley-clone-" });
let failedCount = 0;
try {
  await run("git", ["clone", "--quiet", ROOT, `${folder}/clone`]);
  const readme = await Deno.readTextFile(`${folder}/clone/README.md`).catch(() => "");
  for (const task of TASKS) {
    const command = `npx -y ${DENO} task ${task}`;
    try {
      if (!readme.includes(command)) throw new Error("The README does not name this command");
      const tookMs = await tryTask(task, folder);
      console.log(`ok: "${command}" in a fresh clone answered after ${(tookMs / 1000).toFixed(1)} s`);
    } catch (error) {
      failedCount += 1;
      console.error(
        `FAILED: "${command}" in a fresh clone: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(failedCount === 0 ? 0 : 1);
