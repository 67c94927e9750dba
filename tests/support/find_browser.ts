const USUAL_PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const PACKAGE = "npm:@sparticuz/chromium@153.0.0";

/** A Chromium that tests can start. */
export interface BrowserProgram {
  readonly path: string;
  readonly origin: "CHROME_PATH" | "system" | "npm";
  /** Environment variables for its process, in addition to our own. */
  readonly env: Record<string, string>;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then((at) => at.isFile, () => false);
}

function cacheFolder(): string {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".";
  const caches = Deno.env.get("XDG_CACHE_HOME") ?? `${home}/.cache`;
  return `${caches}/parley/chromium-153.0.0`;
}

function packagedProgram(folder: string): BrowserProgram {
  return {
    path: `${folder}/chromium`,
    origin: "npm",
    env: { LD_LIBRARY_PATH: `${folder}/al2023/lib`, FONTCONFIG_PATH: `${folder}/fonts` },
  };
}

/**
 * Looks for a browser: CHROME_PATH, the system's places, and what `fetchBrowser` downloaded; null if there is none.
 */
export async function findBrowser(): Promise<BrowserProgram | null> {
  const named = Deno.env.get("CHROME_PATH");
  if (named !== undefined && named !== "") {
    if (await exists(named)) return { path: named, origin: "CHROME_PATH", env: {} };
    throw new Error(`CHROME_PATH names "${named}", where no file is`);
  }
  for (const path of USUAL_PATHS) if (await exists(path)) return { path, origin: "system", env: {} };
  const folder = cacheFolder();
  return await exists(`${folder}/complete`) ? packagedProgram(folder) : null;
}

/** Unpacks a self-contained Chromium from npm (67 MB) into the user's cache. */
export async function fetchBrowser(): Promise<BrowserProgram> {
  const folder = cacheFolder();
  await Deno.mkdir(folder, { recursive: true });
  // In a child process, so that only those who need this package download it, and the lock file does not list it.
  const script = `const { default: chromium } = await import("${PACKAGE}"); await chromium.executablePath();`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", script],
    // The package unpacks into the temporary folder, and includes libraries only if it seems to run on AWS Lambda.
    env: { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: "nodejs22.x" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const { success, stderr } = await child.output();
  if (!success) throw new Error(`No browser could be fetched: ${new TextDecoder().decode(stderr)}`);
  await Deno.writeTextFile(`${folder}/complete`, "");
  return packagedProgram(folder);
}
