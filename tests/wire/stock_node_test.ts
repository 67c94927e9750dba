import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFreshServer } from "../support/fresh_server.ts";
import type { FreshServer } from "../support/fresh_server.ts";
import { STEP_NAMES } from "./stock_scenario.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** The version of the eventsource package in tests/support/event_source.ts. */
const EVENT_SOURCE_VERSION = /npm:eventsource@([\d.]+)/.exec(
  await Deno.readTextFile(`${ROOT}tests/support/event_source.ts`),
)?.[1];

/** Run by Node; prints its results as one JSON object per line. */
const MAIN = `
import { WebSocket } from "ws";
import { EventSource } from "eventsource";
import { openScenario, STEP_NAMES } from "./scenario.mjs";

const runtime = {
  socketWith: (headers) => class extends WebSocket {
    constructor(url) {
      super(url, { headers });
      this.on("error", () => {});
    }
  },
  eventSourceOver: (fetch) => class extends EventSource {
    constructor(url) {
      super(url, { fetch });
    }
  },
  settled: async () => {},
};
const run = await openScenario(runtime, process.argv[2], process.argv[3]);
for (const name of STEP_NAMES) {
  const error = await run(name).then(() => null, (reason) => reason.stack ?? String(reason));
  console.log(JSON.stringify({ name, error }));
}
// A pipe may not have taken everything yet.
process.stdout.write("", () => process.exit(0));
`;

interface Finding {
  readonly name: string;
  readonly error: string | null;
}

const isNodeThere = await runs("node", ["--version"]) && await runs("npm", ["--version"]);
const isCi = Deno.env.get("CI") !== undefined;

async function runs(command: string, args: readonly string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

async function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  const child = new Deno.Command(command, { args: [...args], cwd, stdin: "null" });
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command} failed:\n${decoder.decode(stdout)}${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

/** Writes the scenario as plain JavaScript, next to the packages that a Node program would install. */
async function prepare(folder: string): Promise<void> {
  const { imports } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const versionOf = (name: string) => String(imports[name]).replace(/^.*@/, "");
  const dependencies = {
    "@trpc/client": versionOf("@trpc/client"),
    "@trpc/server": versionOf("@trpc/server"),
    "eventsource": EVENT_SOURCE_VERSION,
    "ws": versionOf("ws"),
  };
  const manifest = { private: true, type: "module", dependencies };
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify(manifest));
  await Deno.writeTextFile(`${folder}/main.mjs`, MAIN);
  const bundle = await Deno.bundle({
    entrypoints: [`${ROOT}tests/wire/stock_scenario.ts`],
    external: ["@trpc/client"],
    format: "esm",
    write: false,
  });
  const code = bundle.outputFiles?.[0]?.text();
  if (code === undefined) throw new Error(`Cannot bundle: ${JSON.stringify(bundle.errors)}`);
  await Deno.writeTextFile(`${folder}/scenario.mjs`, code);
  await output("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], folder);
}

describe.skipIf(!isNodeThere)("the stock client under Node", () => {
  const findings = new Map<string, Finding>();
  let fresh: FreshServer;
  let folder: string;

  beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "parley-node-" });
    fresh = await startFreshServer();
    await prepare(folder);
    const lines = await output("node", ["main.mjs", fresh.origin, fresh.setupToken], folder);
    for (const line of lines.trim().split("\n")) {
      const finding: Finding = JSON.parse(line);
      findings.set(finding.name, finding);
    }
  }, 120_000);

  afterAll(async () => {
    await fresh.server.stop({ spreadMs: 0 });
    await Deno.remove(folder, { recursive: true });
  });

  for (const name of STEP_NAMES) {
    it(name, () => expect(findings.get(name)).toEqual({ name, error: null }));
  }

  it("WIRE9 nothing was logged as an error by the server", () => {
    expect(fresh.logs).toEqual([]);
  });
});

describe("Node itself", () => {
  it.skipIf(!isNodeThere && !isCi)("WIRE10 is installed, or its tests are skipped", () => {
    expect(isNodeThere, "node and npm must be on the PATH in CI").toBe(true);
  });
});
