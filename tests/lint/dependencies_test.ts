import { describe, expect, it } from "vitest";

const ROOT = `${import.meta.dirname}/../..`;
/** Adding a dependency is a decision: it goes into DECISIONS.md and changes this number. */
const DIRECT_MAX_COUNT = 25;
const EXACT_PATTERN = /^npm:(?:@[\w-]+\/)?[\w.-]+@\d+\.\d+\.\d+$/;

/** The parts of the lock file that are checked. */
interface Lock {
  readonly specifiers: Record<string, string>;
  readonly npm: Record<string, { readonly integrity?: string; readonly scripts?: boolean }>;
  readonly redirects?: unknown;
  readonly remote?: unknown;
}

const lock = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.lock`)) as Lock;
const config = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`)) as {
  readonly imports: Record<string, string>;
  readonly [key: string]: unknown;
};

/** The packages in deno.json. */
function directPackages(): string[] {
  return Object.values(config.imports).filter((target) => !target.startsWith("./")).map((target) =>
    // `@std/` maps to a folder of a package.
    target.replace(/^npm:\/(.*)\/$/, "npm:$1")
  );
}

describe("dependencies", () => {
  it("T45 are few, named with their exact version, and locked", () => {
    const packages = directPackages();
    expect(packages.length).toBeLessThanOrEqual(DIRECT_MAX_COUNT);
    for (const name of packages) {
      expect(name).toMatch(EXACT_PATTERN);
      expect(Object.keys(lock.specifiers)).toContain(name);
    }
  });

  it("T45 are only what the lock file has a checksum of", () => {
    for (const [name, { integrity }] of Object.entries(lock.npm)) {
      expect(integrity, name).toMatch(/^sha512-.{86}==$/);
    }
    expect(lock.remote).toBeUndefined();
    expect(lock.redirects).toBeUndefined();
  });

  it("T45 run no script when they are installed", () => {
    expect(Object.entries(lock.npm).filter(([, { scripts }]) => scripts === true)).toEqual([]);
    expect(config["allowScripts"]).toBeUndefined();
  });

  it("T45 are the locked ones in a start: a lock file that lacks one stops it", async () => {
    const folder = await Deno.makeTempDir({ prefix: "parley-lock-" });
    try {
      const specifiers = { ...lock.specifiers };
      delete specifiers[config.imports["hono"] ?? ""];
      await Deno.writeTextFile(`${folder}/deno.lock`, JSON.stringify({ ...lock, specifiers }));
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["cache", "--frozen", "--lock", `${folder}/deno.lock`, "server/main.ts"],
        cwd: ROOT,
        env: { NO_COLOR: "1" },
      }).output();
      expect(success).toBe(false);
      expect(new TextDecoder().decode(stderr)).toContain("lockfile is out of date");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});
