// Runs all tests, after what they need is there. Those without a browser and without time limits of their own share
// the cores; the others, which measure time, run one file after the other. Ends with one line for both.
import "./prepare.ts";

const ROOT = `${import.meta.dirname}/../..`;
/** Folders whose files may run side by side. */
const SIDE_BY_SIDE = ["tests/lint", "tests/server", "tests/shared", "tests/wire"];
/** Tests of the client may as well, unless they start something that draws or measures. */
const CLIENT = "tests/client";
const NEEDS_THE_MACHINE = /openPage|launch|browser|chromium|playwright/i;

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Runs `deno test` with its output shown, and reads its last line. */
async function test(args: readonly string[]): Promise<Counts> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const [forUser, forUs] = child.stdout.tee();
  const [, output] = await Promise.all([
    forUser.pipeTo(Deno.stdout.writable, { preventClose: true }),
    new Response(forUs).text(),
  ]);
  const { success } = await child.status;
  // deno-lint-ignore no-control-regex
  const plain = output.replace(/\x1b\[\d+m/g, "");
  const [, passed, failed] =
    /^(?:ok|FAILED) \| (\d+) passed[^|]*\| (\d+) failed/gm.exec(plain.slice(-2_000)) ??
      [];
  // A run that ends without its last line has failed, whatever it printed before.
  const failures = Number(failed ?? 1);
  return { passed: Number(passed ?? 0), failed: success ? failures : Math.max(failures, 1) };
}

/** Returns the files of the client's tests that need no browser. */
async function plainClientTests(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${ROOT}/${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await plainClientTests(path));
    else if (!/_test\.tsx?$/.test(name)) continue;
    else if (!NEEDS_THE_MACHINE.test(await Deno.readTextFile(`${ROOT}/${path}`))) files.push(path);
  }
  return files;
}

const startedAt = performance.now();
const sideBySide = [...SIDE_BY_SIDE, ...await plainClientTests(CLIENT)];
const runs = [
  await test(["--parallel", ...sideBySide]),
  await test([`--ignore=${sideBySide.join(",")}`]),
];
const passed = runs.reduce((sum, run) => sum + run.passed, 0);
const failed = runs.reduce((sum, run) => sum + run.failed, 0);
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
console.log(`\n${failed === 0 ? "ok" : "FAILED"} | ${passed} passed | ${failed} failed (${minutes} min)`);
Deno.exit(failed === 0 ? 0 : 1);
