// Runs the tests of shared/ with vitest itself, on Node and without this project's settings. It shows that the
// tests are compatible with vitest and that shared/ needs neither Deno nor a browser.
const ROOT = `${import.meta.dirname}/../..`;
const VITEST_VERSION = "5.1.1";

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    if (entry.isDirectory) await copyFolder(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else await Deno.copyFile(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}

/** Reads the version of a package from the lock file. */
async function versionOf(name: string): Promise<string> {
  const { specifiers } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.lock`));
  const version = Object.entries<string>(specifiers).find(([specifier]) =>
    specifier.startsWith(`npm:${name}@`)
  )?.[1];
  if (version === undefined) throw new Error(`deno.lock does not name ${name}`);
  return version.split("_")[0] as string;
}

async function run(folder: string, command: string, args: readonly string[]): Promise<number> {
  const child = new Deno.Command(command, { args: [...args], cwd: folder, stdin: "null" }).spawn();
  return (await child.status).code;
}

const folder = await Deno.makeTempDir({ prefix: "parley-vitest-" });
let code = 1;
try {
  await copyFolder(`${ROOT}/shared`, `${folder}/shared`);
  await copyFolder(`${ROOT}/tests/shared`, `${folder}/tests/shared`);
  const devDependencies = {
    "fast-check": await versionOf("fast-check"),
    "micromark": await versionOf("micromark"),
    "micromark-extension-gfm-autolink-literal": await versionOf("micromark-extension-gfm-autolink-literal"),
    "micromark-extension-gfm-strikethrough": await versionOf("micromark-extension-gfm-strikethrough"),
    "valibot": await versionOf("valibot"),
    "vitest": VITEST_VERSION,
  };
  const manifest = { private: true, type: "module", devDependencies };
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify(manifest));
  const settings = { test: { include: ["tests/**/*_test.ts"] } };
  await Deno.writeTextFile(`${folder}/vitest.config.ts`, `export default ${JSON.stringify(settings)};\n`);
  code = await run(folder, "npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"]) ||
    await run(folder, "npx", ["--no-install", "vitest", "run"]);
} finally {
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(code);
